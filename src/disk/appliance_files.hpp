#pragma once

#include <optional>
#include <string>

namespace kiln::disk {

/// Folder of what libguestfs would make its appliance of with supermin, by LIBGUESTFS_PATH or its
/// own default. Nothing where it would use an appliance that is made, or finds none.
std::optional<std::string> appliance_source();

/// Makes everything in an ext2 image root's. An appliance that was made in a user namespace has the
/// files of the host's root as nobody's, and set-uid programs with that.
void give_all_to_root(const std::string& image);

} // namespace kiln::disk
