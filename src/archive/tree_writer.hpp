#pragma once

#include "archive/tar_writer.hpp"
#include "util/root_dir.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kiln::archive {

/// What becomes of long runs of zeros: holes, or bytes for readers that know no sparse files.
enum class Holes { keep, fill };

struct TreeOptions {
    /// Before every path: "./", "rootfs/"; empty: none, and no entry for the root itself.
    std::string prefix = "./";
    /// Seconds since 1970; what was changed later is dated so.
    std::int64_t epoch = 0;
    Holes holes = Holes::keep;
};

struct TreeSummary {
    std::uint64_t files = 0;
    /// Paths of sockets, which no archive can hold.
    std::vector<std::string> left_out{};
};

/// Adds a root to a tar: sorted by name in byte order, further names of a file as hard links to the
/// first. What is in /proc, /sys and /dev, and /tmp/in_target.d, is not the image's and stays out.
/// Links in the tree are not followed. Throws Error.
TreeSummary write_tree(const util::RootDir& tree, const TreeOptions& options, TarWriter& writer);

} // namespace kiln::archive
