#pragma once

#include "disk/filesystem_probe.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::inspect {

/// Names and values, in the order in which they are shown.
using Properties = std::vector<std::pair<std::string, std::string>>;

/// The start of a filesystem that has all superblocks.
constexpr std::size_t k_filesystem_head = 0x11000;

/// What the superblock of a filesystem says: "type", "uuid", "label", "size" in bytes, and of ext
/// "block size", "inodes" and a "feature NAME" for each. head is its start, or all of it when that
/// is less than k_filesystem_head. Not trusted; what lies behind the end of head is left out.
Properties filesystem_facts(disk::ProbedFilesystem kind, std::string_view head);

} // namespace kiln::inspect
