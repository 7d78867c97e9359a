#include "archive/acl_attribute.hpp"

#include <algorithm>
#include <tuple>

namespace kiln::archive {
namespace {

constexpr std::uint32_t k_version = 2;
constexpr std::uint32_t k_no_id = 0xffffffff;

void put(std::string& bytes, std::uint32_t number, unsigned length) {
    for (unsigned i = 0; i < length; ++i) {
        bytes += static_cast<char>((number >> (8 * i)) & 0xffU);
    }
}

bool has_id(AclTag tag) {
    return tag == AclTag::user || tag == AclTag::group;
}

} // namespace

std::string acl_attribute(std::vector<AclEntry> entries) {
    std::sort(entries.begin(), entries.end(), [](const AclEntry& left, const AclEntry& right) {
        return std::tie(left.tag, left.id) < std::tie(right.tag, right.id);
    });
    std::string bytes;
    put(bytes, k_version, 4);
    for (const AclEntry& entry : entries) {
        put(bytes, static_cast<std::uint16_t>(entry.tag), 2);
        put(bytes, entry.permissions, 2);
        put(bytes, has_id(entry.tag) ? entry.id : k_no_id, 4);
    }
    return bytes;
}

} // namespace kiln::archive
