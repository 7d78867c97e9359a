#pragma once

#include "process/command.hpp"
#include "util/root_dir.hpp"

#include <cstdint>

namespace kiln::build {

/// The time of everything in the image that is not the time of a file, in seconds since 1970:
/// SOURCE_DATE_EPOCH where the environment has it (throws Error, code usage, when it is no number),
/// else the newest change of a package: the newest mtime of /usr/share/doc/*/changelog*, else a
/// constant.
std::int64_t image_epoch(const util::RootDir& tree, const process::Environment& environment);

} // namespace kiln::build
