#include "store/image.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace kiln::store {
namespace {

constexpr std::array<std::pair<ImageStatus, std::string_view>, 10> k_statuses = {{
    {ImageStatus::queued, "queued"},
    {ImageStatus::saving, "saving"},
    {ImageStatus::uploading, "uploading"},
    {ImageStatus::importing, "importing"},
    {ImageStatus::active, "active"},
    {ImageStatus::deactivated, "deactivated"},
    {ImageStatus::killed, "killed"},
    {ImageStatus::deleted, "deleted"},
    {ImageStatus::pending_delete, "pending_delete"},
    {ImageStatus::other, "other"},
}};

constexpr std::array<std::pair<Visibility, std::string_view>, 4> k_visibilities = {{
    {Visibility::private_image, "private"},
    {Visibility::shared, "shared"},
    {Visibility::community, "community"},
    {Visibility::public_image, "public"},
}};

} // namespace

std::string status_name(ImageStatus status) {
    for (const auto& [value, name] : k_statuses) {
        if (value == status) {
            return std::string(name);
        }
    }
    return "other";
}

ImageStatus parse_status(std::string_view name) {
    for (const auto& [value, known] : k_statuses) {
        if (known == name) {
            return value;
        }
    }
    return ImageStatus::other;
}

std::string visibility_name(Visibility visibility) {
    for (const auto& [value, name] : k_visibilities) {
        if (value == visibility) {
            return std::string(name);
        }
    }
    return "private";
}

std::optional<Visibility> parse_visibility(std::string_view name) {
    for (const auto& [value, known] : k_visibilities) {
        if (known == name) {
            return value;
        }
    }
    return std::nullopt;
}

std::string Image::property(const std::string& key) const {
    const auto found = properties.find(key);
    return found == properties.end() ? "" : found->second;
}

bool Image::is_complete() const {
    return status == ImageStatus::active || status == ImageStatus::deactivated;
}

bool ImageChange::empty() const {
    return !name && !visibility && !hidden && !is_protected && !min_disk && !min_ram && !tags &&
           properties.empty();
}

Image changed(Image image, const ImageChange& change) {
    image.name = change.name.value_or(image.name);
    image.visibility = change.visibility.value_or(image.visibility);
    image.hidden = change.hidden.value_or(image.hidden);
    image.is_protected = change.is_protected.value_or(image.is_protected);
    image.min_disk = change.min_disk.value_or(image.min_disk);
    image.min_ram = change.min_ram.value_or(image.min_ram);
    image.tags = change.tags.value_or(image.tags);
    for (const auto& [key, value] : change.properties) {
        if (value) {
            image.properties[key] = *value;
        } else {
            image.properties.erase(key);
        }
    }
    return image;
}

bool matches(const Image& image, const ImageFilter& filter) {
    const bool plain = image.hidden == (filter.hidden == ImageFilter::Hidden::only) &&
                       (!filter.name || *filter.name == image.name) &&
                       (!filter.status || *filter.status == image.status) &&
                       (!filter.visibility || *filter.visibility == image.visibility) &&
                       (!filter.owner || *filter.owner == image.owner);
    const auto has_tag = [&](const std::string& tag) { return image.tags.count(tag) > 0; };
    const auto has_property = [&](const auto& property) {
        const auto found = image.properties.find(property.first);
        return found != image.properties.end() && found->second == property.second;
    };
    return plain && std::all_of(filter.tags.begin(), filter.tags.end(), has_tag) &&
           std::all_of(filter.properties.begin(), filter.properties.end(), has_property);
}

} // namespace kiln::store
