#pragma once

#include "config/yaml.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kiln::disk {

enum class TableKind { none, gpt, msdos };

enum class FilesystemType { ext2, ext3, ext4, vfat };

/// Bytes, or percent of what is left of the disk when the partition's turn comes.
struct PartitionSize {
    std::uint64_t bytes = 0;
    /// 0: bytes holds.
    double percent = 0;
};

struct Partition {
    std::string name;
    /// As sgdisk (gpt: "EF02") or sfdisk (msdos: "83") write it; upper-case, without "0x". For gpt
    /// a type GUID is possible too.
    std::string type;
    PartitionSize size;
    /// msdos: the active flag.
    bool boot = false;
    /// msdos: one of the four of the table itself; the others are logical.
    bool primary = false;
};

/// The last four fields of an fstab line.
struct FstabEntry {
    std::string options = "defaults";
    int dump_frequency = 0;
    int pass = 2;
};

struct Filesystem {
    /// Name of its mkfs node.
    std::string name;
    /// Partition that holds it; empty when it is the whole disk.
    std::string partition;
    FilesystemType type = FilesystemType::ext4;
    std::string label;
    /// Given in the layout; else it follows from the seed of the disk.
    std::string uuid;
    /// Further words for the mkfs program.
    std::vector<std::string> options;
    /// Absolute path; empty when it is not mounted (it then stays empty).
    std::string mount_point;
    std::optional<FstabEntry> fstab;
};

/// What is on the disk. A pure value: no sizes or places that depend on content.
struct Layout {
    TableKind table = TableKind::none;
    std::uint64_t alignment = std::uint64_t{1024} * 1024;
    std::vector<Partition> partitions;
    /// In mount order ("/" before "/var"); those without a mount point last.
    std::vector<Filesystem> filesystems;
    /// Size of the disk as the layout asks for it (local_loop: size).
    std::optional<std::uint64_t> disk_size;
};

/// For the filesystem whose node is `mkfs_root` or that is mounted at /, where the layout is
/// silent.
struct LayoutDefaults {
    std::string root_label = "cloudimg-rootfs";
    std::string root_type = "ext4";
    std::vector<std::string> root_options = {};
};

/// Reads diskimage-builder's block device YAML in tree and graph form (local_loop, partitioning,
/// mkfs, mount, fstab). Throws Error (code usage) that begins with file:line:column.
Layout parse_layout(const config::YamlNode& document, const LayoutDefaults& defaults);

/// The same without a document: no partition table, one filesystem that is the whole disk.
Layout flat_layout(const LayoutDefaults& defaults);

/// /etc/fstab of the image: a line for each filesystem with an fstab entry, in mount order.
std::string make_fstab(const Layout& layout);

/// "ext4", "vfat".
std::string type_name(FilesystemType type);

/// "gpt", "msdos", "none".
std::string table_name(TableKind kind);

/// The filesystem mounted at /; nullptr when there is none.
const Filesystem* root_filesystem(const Layout& layout);

} // namespace kiln::disk
