#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace kiln::store {

/// The states of the Image API v2.
enum class ImageStatus {
    queued,
    saving,
    uploading,
    importing,
    active,
    deactivated,
    killed,
    deleted,
    pending_delete,
    /// A word that this version does not know.
    other
};

enum class Visibility { private_image, shared, community, public_image };

/// "active"; ImageStatus::other is "other".
std::string status_name(ImageStatus status);
ImageStatus parse_status(std::string_view name);

/// "private", "shared", "community", "public".
std::string visibility_name(Visibility visibility);
/// Nothing for a word that is none.
std::optional<Visibility> parse_visibility(std::string_view name);

/// What a store knows of an image. Units as in the Image API: min_disk GiB, min_ram MiB, sizes in
/// bytes, times as ISO 8601 in UTC ("2026-11-20T23:43:33Z").
struct Image {
    std::string id;
    std::string name{};
    ImageStatus status = ImageStatus::queued;
    Visibility visibility = Visibility::private_image;
    /// Left out of lists unless asked for (os_hidden).
    bool hidden = false;
    bool is_protected = false;
    std::string disk_format{};
    std::string container_format{};
    std::optional<std::uint64_t> size{};
    std::optional<std::uint64_t> virtual_size{};
    std::uint64_t min_disk = 0;
    std::uint64_t min_ram = 0;
    /// MD5; empty until there is data.
    std::string checksum{};
    /// "sha512" and its lower-case hexadecimal; empty until there is data.
    std::string hash_algorithm{};
    std::string hash_value{};
    std::string owner{};
    std::string created_at{};
    std::string updated_at{};
    std::set<std::string> tags{};
    /// All that is not named above, without what the service keeps for itself (os_glance_*,
    /// stores, owner_specified.*, schema, self, file, locations, direct_url).
    std::map<std::string, std::string> properties{};
    /// Names of the places that hold the data, where the service tells.
    std::string stores{};
    /// os_glance_failed_import: stores in which an import failed.
    std::string failed_import{};
    /// Whether an import still has stores to fill.
    bool is_importing = false;

    /// Empty when there is none of that name.
    [[nodiscard]] std::string property(const std::string& key) const;

    /// Whether its data is there: active or deactivated.
    [[nodiscard]] bool is_complete() const;
};

/// An image that is to be. It has no data and stays private until told otherwise.
struct NewImage {
    std::string name;
    std::string disk_format = "qcow2";
    std::string container_format = "bare";
    Visibility visibility = Visibility::private_image;
    bool hidden = false;
    bool is_protected = false;
    std::uint64_t min_disk = 0;
    std::uint64_t min_ram = 0;
    std::set<std::string> tags{};
    std::map<std::string, std::string> properties{};
    /// Where the caller chooses it (a UUID); else the store does.
    std::string id{};
};

/// What changes; all of it at once or nothing.
struct ImageChange {
    std::optional<std::string> name{};
    std::optional<Visibility> visibility{};
    std::optional<bool> hidden{};
    std::optional<bool> is_protected{};
    std::optional<std::uint64_t> min_disk{};
    std::optional<std::uint64_t> min_ram{};
    std::optional<std::set<std::string>> tags{};
    /// Nothing: the property is removed, if it is there.
    std::map<std::string, std::optional<std::string>> properties{};

    [[nodiscard]] bool empty() const;
};

/// The image with a change made to it.
Image changed(Image image, const ImageChange& change);

/// Whether an image matches is for the server to say, so that little is sent.
struct ImageFilter {
    enum class Hidden { no, only };

    Hidden hidden = Hidden::no;
    std::optional<std::string> name{};
    /// Must all be there.
    std::set<std::string> tags{};
    std::optional<ImageStatus> status{};
    std::optional<Visibility> visibility{};
    std::optional<std::string> owner{};
    std::map<std::string, std::string> properties{};
};

/// The same rule for stores that filter themselves.
bool matches(const Image& image, const ImageFilter& filter);

} // namespace kiln::store
