#pragma once

#include "disk/layout.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kiln::disk {

/// What a filesystem has to hold.
struct ContentUsage {
    std::uint64_t bytes = 0;
    std::uint64_t inodes = 0;
};

/// By name of the filesystem (its mkfs node).
using Contents = std::map<std::string, ContentUsage>;

/// What the caller asks of the size of the disk; all in bytes.
struct SizeRequest {
    /// Overrides the layout's own disk_size; nothing: as large as the content needs.
    std::optional<std::uint64_t> disk_size = {};
    /// Free space beyond that in the root filesystem, where the size follows from the content.
    std::uint64_t extra = 0;
};

enum class PartitionKind { primary, extended, logical };

struct PlacedPartition {
    std::string name;
    /// As the kernel numbers it (logical ones from 5).
    unsigned number = 0;
    PartitionKind kind = PartitionKind::primary;
    std::string type;
    bool boot = false;
    /// In bytes.
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// A part of the disk, in bytes.
struct Region {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// Where everything lies; offsets and sizes are multiples of the layout's alignment.
struct Placement {
    TableKind table = TableKind::none;
    std::uint64_t alignment = std::uint64_t{1024} * 1024;
    std::uint64_t disk_size = 0;
    std::vector<PlacedPartition> partitions;
    /// By name of the filesystem.
    std::map<std::string, Region> filesystems;
};

/// Places the layout. Throws Error (code failed) when it does not fit the size asked for.
Placement place(const Layout& layout, const Contents& contents, const SizeRequest& request);

/// The partition of that name; nullptr when there is none.
const PlacedPartition* find_partition(const Placement& placement, const std::string& name);

/// The error for content that does not fit; what names the part that is too small.
[[noreturn]] void
throw_too_small(const std::string& what, std::uint64_t needed, std::uint64_t given);

} // namespace kiln::disk
