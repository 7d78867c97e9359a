#pragma once

#include "disk/placement.hpp"
#include "inspect/file_diff.hpp"
#include "inspect/filesystem_facts.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kiln::inspect {

/// One thing of a disk: "disk", "partition 2", "filesystem of partition 2", "boot code".
struct LayoutItem {
    std::string name;
    Properties properties{};
};

using Layout = std::vector<LayoutItem>;

struct LayoutRequest {
    /// A raw image that is not trusted.
    std::string raw_path;
    /// The filesystem whose files are compared by name.
    std::optional<disk::Region> root{};
    /// Called while much is read; it may throw to stop that.
    std::function<void()> on_wait{};
};

/// What is on a disk, in its order. What holds no files that are compared otherwise (boot code,
/// partitions without a known filesystem, FAT, further ext filesystems) has its SHA-256 as
/// "content". Throws Error for a damaged partition table.
Layout read_layout(const LayoutRequest& request);

struct LayoutDifference {
    std::string item;
    Presence presence = Presence::changed;
    std::vector<Change> changes{};
};

/// In the order of A, then what only B has.
std::vector<LayoutDifference> diff_layouts(const Layout& a, const Layout& b);

} // namespace kiln::inspect
