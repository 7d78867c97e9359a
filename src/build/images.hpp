#pragma once

#include "build/outputs.hpp"
#include "process/command.hpp"

#include <cstdint>
#include <string>

namespace kiln::build {

/// A finished disk.
struct RawDisk {
    std::string path;
    /// What the ids in images follow from.
    std::string seed;
    /// Seconds since 1970.
    std::int64_t epoch = 0;
};

/// Writes every output that is made from a disk. The disk is used up.
void write_disk_outputs(const BuildContext& context,
                        const RawDisk& disk,
                        Outputs& outputs,
                        process::Runner& runner);

} // namespace kiln::build
