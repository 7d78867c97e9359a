#include "catalog/choice.hpp"

#include "util/error.hpp"
#include "util/natural_order.hpp"

#include <vector>

namespace kiln::catalog {
namespace {

using store::Image;

std::string id_and_name(const Image& image) {
    const std::string version = image.property(key::k_version);
    return image.id + " '" + image.name + "'" + (version.empty() ? "" : ", version " + version);
}

std::string list_of(const Family& family) {
    std::string list;
    for (const Image* image : others_by_age(family, "")) {
        list += (list.empty() ? "" : "; ") + id_and_name(*image);
    }
    return list.empty() ? "there is no complete image of '" + family.name + "'"
                        : "there are: " + list;
}

bool is_older_version(const Image& left, const Image& right) {
    const int version =
        util::natural_compare(left.property(key::k_version), right.property(key::k_version));
    return version != 0 ? version < 0 : left.created_at < right.created_at;
}

} // namespace

const Image& image_meant(const Family& family, const std::string& word) {
    std::vector<const Image*> meant;
    for (const Image* image : others_by_age(family, "")) {
        if (image->id == word) {
            return *image;
        }
        if (image->property(key::k_version) == word || image->name == word) {
            meant.push_back(image);
        }
    }
    if (meant.size() == 1) {
        return *meant.front();
    }
    throw util::Error({.what = (meant.empty() ? "no image of '" : "several images of '") +
                               family.name + "' " + (meant.empty() ? "is" : "are") + " '" + word +
                               "'",
                       .hint = "give an id or a version; " + list_of(family),
                       .code = util::ExitCode::usage});
}

const Image& candidate_of(const Family& family, const std::string& word) {
    if (!word.empty()) {
        return image_meant(family, word);
    }
    const Image* newest = nullptr;
    for (const Image& image : family.images) {
        const bool waits = standing_of(family, image) == Standing::candidate;
        if (waits && (newest == nullptr || image.created_at > newest->created_at)) {
            newest = &image;
        }
    }
    const Image* current = current_of(family);
    if (newest == nullptr && current != nullptr && has_open_swap(family)) {
        return *current;
    }
    if (newest == nullptr) {
        throw util::Error({.what = "no image waits for the name '" + family.name + "'",
                           .hint = "see: kiln images history; an older one gets the name with "
                                   "--image ID",
                           .code = util::ExitCode::failed});
    }
    return *newest;
}

const Image& previous_of(const Family& family, const std::string& word) {
    if (!word.empty()) {
        return image_meant(family, word);
    }
    const Image* current = current_of(family);
    if (current != nullptr && has_open_rollback(family)) {
        return *current;
    }
    const Image* best = nullptr;
    for (const Image& image : family.images) {
        const bool had_name = current != nullptr && standing_of(family, image) == Standing::older &&
                              is_older_version(image, *current);
        if (had_name && (best == nullptr || is_older_version(*best, image))) {
            best = &image;
        }
    }
    if (best == nullptr) {
        throw util::Error({.what = "there is no older image of '" + family.name + "' to go back to",
                           .hint = "see: kiln images history '" + family.name +
                                   "'; another one gets the name with --to ID",
                           .code = util::ExitCode::failed});
    }
    return *best;
}

} // namespace kiln::catalog
