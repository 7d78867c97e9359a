#pragma once

#include "archive/tree_writer.hpp"
#include "process/command.hpp"
#include "util/root_dir.hpp"

#include <cstdint>
#include <string>

namespace kiln::build {

/// Makes a squashfs file of a tree: mksquashfs reads it as a tar through a pipe, so that both have
/// the same content and times. Access control lists are lost, squashfs knows none. Throws Error:
/// code failed when the disk is full, else code tool.
archive::TreeSummary write_squashfs(const util::RootDir& tree,
                                    std::int64_t epoch,
                                    const std::string& path,
                                    process::Runner& runner);

} // namespace kiln::build
