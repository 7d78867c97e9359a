#pragma once

#include "process/command.hpp"

#include <string>

namespace kiln::process {

/// Writes the tree of a squashfs image as a tar to its standard output.
Command sqfs2tar_command(const std::string& image);

} // namespace kiln::process
