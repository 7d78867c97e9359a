#pragma once

#include "build/outputs.hpp"
#include "process/command.hpp"

#include <cstdint>
#include <string>

namespace kiln::build {

/// Writes every output that is made from the tree itself: archives, squashfs, container images. The
/// tree is the finished root, read through its mount; epoch (seconds since 1970) is the latest time
/// of anything in them. The same tree gives the same bytes. Throws Error.
void write_tree_outputs(const BuildContext& context,
                        std::int64_t epoch,
                        Outputs& outputs,
                        process::Runner& runner);

} // namespace kiln::build
