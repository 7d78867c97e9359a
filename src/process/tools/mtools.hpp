#pragma once

#include "process/command.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kiln::process {

/// mkfs.vfat(8) on a region of a file.
struct MkfsVfat {
    std::string file;
    /// Bytes; multiples of 1 KiB.
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    /// 12, 16 or 32.
    int fat_bits = 32;
    /// Left to itself, mkfs.vfat takes it from the size of the whole file.
    int sectors_per_cluster = 1;
    std::string label;
    /// Eight hexadecimal digits.
    std::string volume_id;
    std::vector<std::string> options;
};

Command mkfs_vfat_command(const MkfsVfat& options);

/// A FAT filesystem in a file, as mtools(1) names it.
struct FatPlace {
    std::string file;
    std::uint64_t offset = 0;
    /// Seconds since 1970 for the times of all entries.
    std::optional<std::int64_t> epoch;
};

/// mmd(1): makes directories ("/EFI/BOOT"), in the order given.
Command mmd_command(const FatPlace& place, const std::vector<std::string>& directories);

/// mcopy(1): copies files into a directory.
Command mcopy_command(const FatPlace& place,
                      const std::vector<std::string>& files,
                      const std::string& directory);

} // namespace kiln::process
