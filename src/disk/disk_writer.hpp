#pragma once

#include "disk/layout.hpp"
#include "disk/placement.hpp"
#include "process/command.hpp"
#include "report/reporter.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kiln::disk {

/// A raw disk image to write.
struct DiskJob {
    Layout layout;
    /// The finished root, read through its mount.
    std::string tree;
    /// File to make or replace.
    std::string raw_path;
    SizeRequest size;
    /// All UUIDs and ids of the disk follow from it (the image key).
    std::string seed;
    /// Seconds since 1970; see FilesystemJob.
    std::optional<std::int64_t> epoch;
};

enum class Bootloader { none, grub_bios };

struct DiskResult {
    Placement placement;
    /// What was embedded.
    Bootloader bootloader = Bootloader::none;
};

/// Writes partition table, filesystems with their content, and GRUB where the tree has its images
/// (/boot/grub/i386-pc/{boot,core}.img) and the layout a table. No mounts, loop devices or root are
/// needed, except as FilesystemJob::leave_empty says. The file is not synced. Throws Error.
DiskResult write_disk(const DiskJob& job, process::Runner& runner, report::Reporter& reporter);

} // namespace kiln::disk
