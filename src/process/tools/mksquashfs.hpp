#pragma once

#include "process/command.hpp"

#include <cstdint>
#include <string>

namespace kiln::process {

/// mksquashfs(1) from a tar on its standard input, which the caller provides. The same tar gives
/// the same file: no time in it is later than the epoch.
struct Mksquashfs {
    std::string target;
    /// Seconds since 1970.
    std::int64_t epoch = 0;
    /// Of the root folder, which the tar has no entry for.
    unsigned mode = 0755;
    unsigned user = 0;
    unsigned group = 0;
};

Command mksquashfs_command(const Mksquashfs& options);

} // namespace kiln::process
