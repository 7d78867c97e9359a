#include "store/directory/rules.hpp"

#include "store/directory/local_error.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace kiln::store {
namespace {

constexpr std::array<std::string_view, 11> k_disk_formats = {
    "ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "ploop", "iso"};

constexpr std::array<std::string_view, 8> k_container_formats = {
    "ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"};

constexpr std::array<std::string_view, 26> k_fields = {
    "id",          "name",          "status",       "visibility",       "os_hidden",    "protected",
    "disk_format", "size",          "min_disk",     "container_format", "virtual_size", "min_ram",
    "checksum",    "owner",         "os_hash_algo", "created_at",       "updated_at",   "tags",
    "self",        "os_hash_value", "file",         "schema",           "direct_url",   "locations",
    "stores",      "deleted"};

constexpr std::size_t k_longest_value = 255;
constexpr std::uint64_t k_largest_minimum = 2147483647;

template <typename Words>
bool contains(const Words& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

[[noreturn]] void refuse_record(std::string what, std::string hint = "") {
    throw StoreError(
        Problem::invalid,
        {.what = std::move(what), .hint = std::move(hint), .code = util::ExitCode::usage});
}

/// How many bytes follow the first one of a character; -1 for one that cannot be first, and for
/// NUL.
int following_bytes(unsigned char first) {
    if (first < 0x80) {
        return first == 0 ? -1 : 0;
    }
    if (first >= 0xc2 && first < 0xe0) {
        return 1;
    }
    if (first >= 0xe0 && first < 0xf0) {
        return 2;
    }
    return first >= 0xf0 && first < 0xf5 ? 3 : -1;
}

/// Characters of UTF-8 text; npos where it is none.
std::size_t length_of(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        const int more = following_bytes(static_cast<unsigned char>(text.front()));
        const std::size_t size = static_cast<std::size_t>(more) + 1;
        const auto is_following = [](char byte) {
            return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80;
        };
        if (more < 0 || text.size() < size ||
            !std::all_of(text.begin() + 1, text.begin() + more + 1, is_following)) {
            return std::string_view::npos;
        }
        text.remove_prefix(size);
        ++count;
    }
    return count;
}

void check_text(const std::string& text, const std::string& what, std::size_t longest) {
    const std::size_t length = length_of(text);
    if (length == std::string_view::npos) {
        refuse_record(what + " is not UTF-8 text");
    }
    if (length > longest) {
        refuse_record(what + " has " + std::to_string(length) + " characters, and may have " +
                      std::to_string(longest));
    }
}

void check_property(const std::string& name, const std::string& value) {
    check_text(name, "the name of a property", k_longest_value);
    if (name.empty()) {
        refuse_record("a property has no name");
    }
    if (contains(k_fields, name)) {
        refuse_record("'" + name + "' is a field of an image, and cannot be a property");
    }
    check_text(value, "the value of property '" + name + "'", 65535);
}

} // namespace

bool is_image_id(std::string_view text) {
    if (text.size() != 36) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool digit =
            std::string_view("0123456789abcdefABCDEF").find(text[i]) != std::string_view::npos;
        if (dash ? text[i] != '-' : !digit) {
            return false;
        }
    }
    return true;
}

bool is_disk_format(std::string_view text) {
    return contains(k_disk_formats, text);
}

void check_image(const Image& image) {
    if (!is_image_id(image.id)) {
        refuse_record("'" + image.id + "' is no image id", "give a UUID, or none");
    }
    if (!is_disk_format(image.disk_format)) {
        refuse_record("'" + image.disk_format + "' is no disk format of an image",
                      "use raw, qcow2, vhd, vhdx, vmdk, vdi, ploop, iso, ami, ari or aki");
    }
    if (!contains(k_container_formats, image.container_format)) {
        refuse_record("'" + image.container_format + "' is no container format of an image",
                      "use bare, ovf, ova, docker, compressed, ami, ari or aki");
    }
    check_text(image.name, "the name of an image", k_longest_value);
    if (image.min_disk > k_largest_minimum || image.min_ram > k_largest_minimum) {
        refuse_record("min_disk and min_ram may be " + std::to_string(k_largest_minimum) +
                      " at most");
    }
    for (const std::string& tag : image.tags) {
        check_text(tag, "a tag", k_longest_value);
    }
    for (const auto& [name, value] : image.properties) {
        check_property(name, value);
    }
}

} // namespace kiln::store
