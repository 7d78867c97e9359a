#include "catalog/lookup.hpp"

#include "util/edit_distance.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cctype>

namespace kiln::catalog {
namespace {

using store::Image;
using store::ImageStatus;

bool is_uuid(const std::string& word) {
    constexpr std::string_view k_pattern = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    return word.size() == k_pattern.size() &&
           std::equal(
               word.begin(), word.end(), k_pattern.begin(), [](unsigned char is, char wanted) {
                   return wanted == '-' ? is == '-' : std::isxdigit(is) != 0;
               });
}

[[noreturn]] void refuse(std::string what, std::string hint, util::ExitCode code) {
    throw util::Error({.what = std::move(what), .hint = std::move(hint), .code = code});
}

Image require_active(Image image) {
    if (image.status != ImageStatus::active) {
        refuse("image '" + image.name + "' (" + image.id + ") is " +
                   store::status_name(image.status) + ": its data cannot be had",
               image.status == ImageStatus::deactivated
                   ? "openstack image set --activate " + image.id
                   : "wait until it is active, or publish it again",
               util::ExitCode::failed);
    }
    return image;
}

std::string nearest_name(store::ImageStore& store, const std::string& name) {
    std::vector<std::string> names;
    for (const Image& image : store.list({})) {
        names.push_back(image.name);
    }
    return util::did_you_mean(name, names, "hidden images are found by their ids alone");
}

/// Plain lists of Glance leave community images out.
std::vector<Image> visible_of(store::ImageStore& store, const std::string& name) {
    std::vector<Image> images = store.list({.name = name});
    return images.empty() ? store.list({.name = name, .visibility = store::Visibility::community})
                          : images;
}

Image only_one(store::ImageStore& store, const std::string& name) {
    std::vector<Image> images = visible_of(store, name);
    if (images.empty()) {
        refuse(store.describe() + " has no image '" + name + "'",
               nearest_name(store, name),
               util::ExitCode::usage);
    }
    const auto waits = std::stable_partition(images.begin(), images.end(), [](const Image& image) {
        return image.status == ImageStatus::active;
    });
    if (waits - images.begin() > 1) {
        std::vector<std::string> ids;
        std::transform(images.begin(), waits, std::back_inserter(ids), [](const Image& image) {
            return image.id + " (" + image.created_at + ")";
        });
        refuse(std::to_string(ids.size()) + " images have the name '" + name +
                   "': " + util::join(ids, ", "),
               "name one by its id",
               util::ExitCode::usage);
    }
    return images.front();
}

} // namespace

Image find_active(store::ImageStore& store, const std::string& word, Named named) {
    if (named == Named::by_itself && !is_uuid(word)) {
        return require_active(only_one(store, word));
    }
    std::optional<Image> image = store.find(word);
    if (!image) {
        refuse(store.describe() + " has no image with the id '" + word + "'",
               "is it another store's, or another project's?",
               util::ExitCode::usage);
    }
    return require_active(std::move(*image));
}

} // namespace kiln::catalog
