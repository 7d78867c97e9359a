#pragma once

#include <string>

namespace kiln::sandbox {

/// Gives the calling process (in a mount namespace of its own) a root of its own: everything that
/// the host has at the same place, and beside it inner ("/NAME/NAME"), a folder of a constant name
/// over which build_directory is bound; a folder of that very name on the host is hidden. scratch
/// is an empty folder to set it up in.
/// Throws Error (code tool).
void enter_private_root(const std::string& scratch,
                        const std::string& build_directory,
                        const std::string& inner);

} // namespace kiln::sandbox
