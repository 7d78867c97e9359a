#include "catalog/upload_plan.hpp"

#include <algorithm>

namespace kiln::catalog {
namespace {

using store::Image;
using store::ImageStatus;

bool may_still_run(const Image& image, const UploadClock& clock) {
    if (image.status == ImageStatus::killed) {
        return false;
    }
    switch (clock.state_of(image.property(key::k_uploader))) {
    case UploaderState::alive:
        return true;
    case UploaderState::ended:
        return false;
    case UploaderState::unknown:
        return image.updated_at >= clock.stuck_before;
    }
    return true;
}

bool has_data_of(const Image& image, const WantedImage& wanted) {
    return image.is_complete() && image.property(key::k_digest) == wanted.digest;
}

/// The best place first: what has the name, then what waits for it, then the newest.
const Image* complete_match(const WantedImage& wanted, const Family& family) {
    const Image* best = nullptr;
    int best_rank = 0;
    for (const Image& image : family.images) {
        if (!has_data_of(image, wanted)) {
            continue;
        }
        const int rank = static_cast<int>(standing_of(family, image));
        if (best == nullptr || rank < best_rank || (rank == best_rank && is_newer(image, *best))) {
            best = &image;
            best_rank = rank;
        }
    }
    return best;
}

/// An image that a broken upload of the same file left, and that may take its data now.
bool can_be_resumed(const Image& image, const WantedImage& wanted) {
    return image.status == ImageStatus::queued && image.property(key::k_digest) == wanted.digest &&
           image.disk_format == wanted.disk_format &&
           image.container_format == wanted.container_format && image.failed_import.empty();
}

template <typename Value>
std::optional<Value> if_other(const Value& wanted, const Value& is) {
    return wanted == is ? std::nullopt : std::optional<Value>(wanted);
}

bool is_unwanted(const std::string& property, const WantedImage& wanted) {
    const bool is_other = wanted.no_other_properties && property != key::k_build &&
                          wanted.properties.count(property) == 0 && !is_kept_by_kiln(property);
    return is_other || wanted.unwanted_properties.count(property) != 0;
}

store::ImageChange change_to(const WantedImage& wanted, const Image& image) {
    store::ImageChange change = {.min_disk = if_other(wanted.min_disk, image.min_disk),
                                 .min_ram = if_other(wanted.min_ram, image.min_ram)};
    if (wanted.is_protected && *wanted.is_protected != image.is_protected) {
        change.is_protected = wanted.is_protected;
    }
    std::set<std::string> tags = image.tags;
    tags.insert(wanted.tags.begin(), wanted.tags.end());
    change.tags = if_other(tags, image.tags);
    for (const auto& [key, value] : wanted.properties) {
        const auto found = image.properties.find(key);
        // The date of the build stays that of the data that is there.
        const bool stays = key == key::k_build_date && found != image.properties.end();
        if (!stays && (found == image.properties.end() || found->second != value)) {
            change.properties[key] = value;
        }
    }
    for (const auto& [key, value] : image.properties) {
        if (is_unwanted(key, wanted)) {
            change.properties[key] = std::nullopt;
        }
    }
    // What has the name gets its visibility by the rotation.
    if (wanted.visibility && image.name != wanted.name) {
        const std::string visibility = store::visibility_name(*wanted.visibility);
        if (image.property(key::k_visibility) != visibility) {
            change.properties[key::k_visibility] = visibility;
        }
    }
    return change;
}

void sort_incomplete(const WantedImage& wanted,
                     const Family& family,
                     const UploadClock& clock,
                     UploadPlan& plan) {
    for (const Image& image : family.images) {
        if (image.is_complete() || image.property(key::k_digest).empty()) {
            continue;
        }
        const bool same = image.property(key::k_digest) == wanted.digest;
        if (may_still_run(image, clock)) {
            plan.busy = same ? std::optional(image) : plan.busy;
        } else if (plan.action == UploadPlan::Action::create && can_be_resumed(image, wanted)) {
            plan.action = UploadPlan::Action::resume;
            plan.id = image.id;
            plan.change = change_to(wanted, image);
        } else {
            plan.leftovers.push_back(image);
        }
    }
}

} // namespace

UploadPlan plan_upload(const WantedImage& wanted, const Family& family, const UploadClock& clock) {
    UploadPlan plan;
    if (const Image* match = complete_match(wanted, family)) {
        plan.action = UploadPlan::Action::none;
        plan.id = match->id;
        plan.rolled_back = standing_of(family, *match) == Standing::rolled_back;
        plan.unverified = match->property(key::k_promoted).empty();
        plan.change = change_to(wanted, *match);
    }
    sort_incomplete(wanted, family, clock, plan);
    if (plan.action == UploadPlan::Action::none) {
        plan.busy.reset();
    }
    return plan;
}

std::string candidate_name(const WantedImage& wanted) {
    return wanted.name + " candidate " + wanted.version;
}

store::NewImage new_image(const WantedImage& wanted, const std::string& uploader) {
    store::NewImage image = {.name = candidate_name(wanted),
                             .disk_format = wanted.disk_format,
                             .container_format = wanted.container_format,
                             .min_disk = wanted.min_disk,
                             .min_ram = wanted.min_ram,
                             .tags = wanted.tags,
                             .properties = wanted.properties};
    image.properties[key::k_family] = wanted.name;
    image.properties[key::k_version] = wanted.version;
    image.properties[key::k_digest] = wanted.digest;
    image.properties[key::k_uploader] = uploader;
    if (wanted.visibility) {
        image.properties[key::k_visibility] = store::visibility_name(*wanted.visibility);
    }
    return image;
}

} // namespace kiln::catalog
