#pragma once

#include "disk/placement.hpp"
#include "process/command.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kiln::disk {

/// A filesystem to make in a region of a raw image.
struct FilesystemJob {
    Filesystem filesystem;
    Region region;
    ContentUsage content;
    std::string raw_path;
    /// Folder whose content it gets; empty: none.
    std::string source;
    /// Paths below source, absolute within it, whose content does not belong to this filesystem
    /// (mount points of others). The folder itself is made, empty. Where a program reads the tree,
    /// an empty tmpfs lies over it in the mount namespace of that program alone, which needs
    /// CAP_SYS_ADMIN over that namespace (root, or inside the sandbox).
    std::vector<std::string> leave_empty;
    /// UUIDs, hash seed and volume id follow from it.
    std::string seed;
    /// Seconds since 1970 for all times that are not those of files; without it the bytes differ
    /// from run to run.
    std::optional<std::int64_t> epoch;
};

/// Makes and fills it: ext4 by mke2fs and fill_ext4, ext2/3 and an ext4 with unusual features
/// through `mke2fs -d`, FAT32 (FAT16 below 33 MiB) through mkfs.vfat and mtools. What ext
/// filesystems keep: owners, modes, hard links, holes, device nodes, xattrs and capabilities; FAT
/// keeps names and content. Throws Error: code failed when the content does not fit or the host's
/// disk is full, else code tool.
void make_filesystem(const FilesystemJob& job, process::Runner& runner);

} // namespace kiln::disk
