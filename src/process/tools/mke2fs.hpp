#pragma once

#include "process/command.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kiln::process {

/// mke2fs(8) on a region of a file, filled from a folder.
struct Mke2fs {
    /// ext2, ext3, ext4.
    std::string type = "ext4";
    std::string file;
    /// Bytes; multiples of 1 KiB.
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::string label;
    std::string uuid;
    std::string hash_seed;
    std::uint64_t inodes = 0;
    /// Bytes; 0 leaves it to mke2fs.
    std::uint64_t journal = 0;
    /// Folder with the content; empty: none.
    std::string source;
    /// Words of the user. Values of -E and -O are joined to those of kiln, which mke2fs would
    /// otherwise forget; of all other options the last one wins.
    std::vector<std::string> options;
    /// Seconds since 1970 for the times of the filesystem itself (E2FSPROGS_FAKE_TIME).
    std::optional<std::int64_t> epoch;
};

Command mke2fs_command(const Mke2fs& options);

} // namespace kiln::process
