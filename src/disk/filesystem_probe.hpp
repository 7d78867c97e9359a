#pragma once

#include "disk/placement.hpp"
#include "disk/raw_file.hpp"

#include <string>

namespace kiln::disk {

enum class ProbedFilesystem { unknown, ext, xfs, btrfs, squashfs, vfat, swap, luks, lvm };

/// What a part of a raw image holds, by magic numbers alone.
ProbedFilesystem probe_filesystem(const RawFile& raw, Region region);

/// "ext4", "xfs", "unknown".
std::string probed_name(ProbedFilesystem filesystem);

} // namespace kiln::disk
