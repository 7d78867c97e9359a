#include "process/tools/mksquashfs.hpp"

#include <array>
#include <cstdio>

namespace kiln::process {

Command mksquashfs_command(const Mksquashfs& options) {
    std::array<char, 16> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", options.mode & 07777U);
    // xz: the smallest, and what GRUB and every kernel can read.
    Command command{.argv = {"mksquashfs",
                             "-",
                             options.target,
                             "-tar",
                             "-noappend",
                             "-quiet",
                             "-no-progress",
                             "-reproducible",
                             "-comp",
                             "xz",
                             "-root-mode",
                             mode.data(),
                             "-root-uid",
                             std::to_string(options.user),
                             "-root-gid",
                             std::to_string(options.group)},
                    .environment = tool_environment()};
    // Version 4.5.1 gives the root folder of a tar the present time, even with -root-time.
    command.environment["SOURCE_DATE_EPOCH"] = std::to_string(options.epoch);
    return command;
}

} // namespace kiln::process
