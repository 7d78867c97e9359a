#pragma once

#include "store/image.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kiln::catalog {

/// The tag of images that kiln may change; it touches no others.
constexpr const char* k_default_tag = "managed_by_kiln";

/// Properties in which the state of rotation lives.
namespace key {
/// The name that an image has, had, or waits for.
constexpr const char* k_family = "image_name";
/// Orders the images of a name (naturally: 1.9 < 1.10).
constexpr const char* k_version = "internal_version";
/// When it got the name, ISO 8601 in UTC; missing: never.
constexpr const char* k_promoted = "kiln_promoted";
/// When it was taken back; it does not get the name again by itself.
constexpr const char* k_rolled_back = "kiln_rolled_back";
/// The visibility that it has, or gets, with the name.
constexpr const char* k_visibility = "kiln_visibility";
/// "sha256:..." of the file that was published.
constexpr const char* k_digest = "kiln_digest";
/// What the inputs of its build come to.
constexpr const char* k_build = "kiln_build";
/// Who uploads it (catalog/uploader.hpp).
constexpr const char* k_uploader = "kiln_uploader";
/// "YYYY-MM-DD hh:mm" in UTC (SCS scs-0102).
constexpr const char* k_build_date = "image_build_date";
/// Digest of the data that a store has, where its import made another format.
constexpr const char* k_stored_digest = "kiln_stored_digest";
} // namespace key

/// Whether kiln itself keeps a property, so that no caller may set it.
bool is_kept_by_kiln(const std::string& property);

/// What an image is among those of its name.
enum class Standing {
    /// Has the name.
    current,
    /// Complete, and waits for the name.
    candidate,
    /// Had the name.
    older,
    /// Had the name and was taken back.
    rolled_back,
    /// Never got the name, and another did since.
    passed_over,
    /// Its data is not there.
    incomplete
};

/// "current", "candidate", ...
std::string standing_name(Standing standing);

/// All images of one name, as a store listed them, hidden ones included.
struct Family {
    std::string name;
    std::vector<store::Image> images;

    /// Nothing when there is none of that id.
    [[nodiscard]] const store::Image* find(const std::string& id) const;
};

/// The images of a name among many: those whose property says so, or that have it without one.
Family family_of(const std::string& name, const std::vector<store::Image>& images);

/// One for each name that there is, sorted.
std::vector<Family> families_of(const std::vector<store::Image>& images);

/// The image that has the name, or is to have it where an interrupted swap left the name to none or
/// to several: of visible ones that which got it last (kiln_promoted, then internal_version); else
/// of hidden ones; else the last that had it. Those that were rolled back come last. Null: no image
/// ever had the name.
const store::Image* current_of(const Family& family);

/// Whether an interrupted swap is to be finished: another image than the current one has the name.
bool has_open_swap(const Family& family);

/// Whether an interrupted rollback is to be finished: an image that was taken back still has the
/// name.
bool has_open_rollback(const Family& family);

Standing standing_of(const Family& family, const store::Image& image);

/// "'debian-12' (4f2c…)", for messages.
std::string name_and_id(const store::Image& image);

/// The complete images without the current one, the newest first.
std::vector<const store::Image*> others_by_age(const Family& family, const std::string& current);

/// Whether left got the name after right, or would come before it.
bool is_newer(const store::Image& left, const store::Image& right);

/// The name that an image gets when it loses the name of the family: the pattern with {name},
/// {date} (YYYYMMDD of its build), {version} and {id} filled in; the version is added where another
/// image has that name already, then a number.
std::string dated_name(const Family& family, const store::Image& image, const std::string& pattern);

} // namespace kiln::catalog
