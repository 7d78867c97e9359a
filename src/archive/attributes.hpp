#pragma once

#include "archive/tar_entry.hpp"

#include <string>
#include <string_view>

namespace kiln::archive {

/// Fills in the extended attributes, sorted by name, and the access control lists of an open file
/// of any kind (O_PATH will do). name is for messages. Throws Error.
void read_attributes(int fd, const std::string& name, TarEntry& entry);

/// What acl_attribute gave. Throws Error for another form.
std::vector<AclEntry> parse_acl(std::string_view value);

} // namespace kiln::archive
