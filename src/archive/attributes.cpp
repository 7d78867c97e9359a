#include "archive/attributes.hpp"

#include "util/error.hpp"
#include "util/text.hpp"

#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>
#include <functional>

namespace kiln::archive {
namespace {

constexpr const char* k_access = "system.posix_acl_access";
constexpr const char* k_default = "system.posix_acl_default";
constexpr unsigned k_acl_version = 2;
constexpr std::size_t k_acl_header = 4;
constexpr std::size_t k_acl_entry = 8;

/// Calls a getter of attributes with growing room. Nothing where the file system has none.
std::string fetch(const std::string& name, const std::function<ssize_t(char*, size_t)>& get) {
    const ssize_t size = get(nullptr, 0);
    std::string bytes(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
    const ssize_t count = size > 0 ? get(bytes.data(), bytes.size()) : size;
    if (count < 0 && errno != ENOTSUP) {
        util::throw_errno("cannot read the attributes of '" + name + "'");
    }
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
}

unsigned little_endian(std::string_view bytes) {
    unsigned value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) {
        value = value << 8U | static_cast<unsigned char>(bytes[i - 1]);
    }
    return value;
}

} // namespace

std::vector<AclEntry> parse_acl(std::string_view value) {
    if (value.size() < k_acl_header || (value.size() - k_acl_header) % k_acl_entry != 0 ||
        little_endian(value.substr(0, k_acl_header)) != k_acl_version) {
        throw util::Error({.what = "an access control list has an unknown form"});
    }
    std::vector<AclEntry> entries;
    for (std::size_t at = k_acl_header; at < value.size(); at += k_acl_entry) {
        const unsigned permissions = little_endian(value.substr(at + 2, 2));
        entries.push_back({.tag = static_cast<AclTag>(little_endian(value.substr(at, 2))),
                           .permissions = static_cast<std::uint16_t>(permissions),
                           .id = little_endian(value.substr(at + 4, 4))});
    }
    return entries;
}

void read_attributes(int fd, const std::string& name, TarEntry& entry) {
    // Calls on descriptors refuse O_PATH; this path leads to the very file, be it a link.
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    const std::string list = fetch(
        name, [&](char* bytes, size_t size) { return ::listxattr(path.c_str(), bytes, size); });
    for (const std::string& key : util::split(list, '\0')) {
        if (key.empty()) {
            continue;
        }
        const std::string value = fetch(name, [&](char* bytes, size_t size) {
            return ::getxattr(path.c_str(), key.c_str(), bytes, size);
        });
        if (key == k_access) {
            entry.access = parse_acl(value);
        } else if (key == k_default) {
            entry.defaults = parse_acl(value);
        } else {
            entry.attributes.emplace_back(key, value);
        }
    }
    std::sort(entry.attributes.begin(), entry.attributes.end());
}

} // namespace kiln::archive
