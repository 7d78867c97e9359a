#pragma once

#include "disk/placement.hpp"
#include "disk/raw_file.hpp"

#include <vector>

namespace kiln::disk {

/// The parts of a file that are no holes, in order (SEEK_DATA, SEEK_HOLE). Throws Error.
std::vector<Region> data_ranges(const RawFile& file);

} // namespace kiln::disk
