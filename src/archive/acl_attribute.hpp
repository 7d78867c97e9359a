#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kiln::archive {

/// The tags of POSIX.1e as the kernel numbers them (linux/posix_acl.h).
enum class AclTag : std::uint16_t {
    user_obj = 0x01,
    user = 0x02,
    group_obj = 0x04,
    group = 0x08,
    mask = 0x10,
    other = 0x20
};

struct AclEntry {
    AclTag tag = AclTag::user_obj;
    /// Read 4, write 2, execute 1.
    std::uint16_t permissions = 0;
    /// Of user and group.
    std::uint32_t id = 0;
};

/// The value of system.posix_acl_access or system.posix_acl_default (linux/posix_acl_xattr.h):
/// little-endian, in the order that the kernel asks for.
std::string acl_attribute(std::vector<AclEntry> entries);

} // namespace kiln::archive
