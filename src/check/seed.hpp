#pragma once

#include "check/probe_unit.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kiln::check {

/// Offset of the ext2, ext3 or ext4 file system of a raw disk that holds a system (an os-release
/// file); nothing when there is none. Throws Error for a broken partition table.
std::optional<std::uint64_t> find_root(const std::string& disk);

/// Puts files into the root file system of a raw disk image, offline. Gives the reason when that
/// is not possible: no ext4 root, or no systemd in it; the disk is then as it was.
std::optional<std::string> seed_disk(const std::string& disk, const std::vector<SeedFile>& files);

} // namespace kiln::check
