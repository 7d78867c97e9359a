#pragma once

#include "archive/tar_entry.hpp"

#include <string>
#include <vector>

namespace kiln::archive {

/// What of a file is worth keeping, in blocks of 64 KiB: those that are not zero. It follows from
/// the content alone, so that file systems which keep holes differently give the same answer.
/// Empty for a file without such blocks; one range of no bytes for a file that has nothing else.
/// name is for messages. Throws Error.
std::vector<Range> data_map(int fd, std::uint64_t size, const std::string& name);

} // namespace kiln::archive
