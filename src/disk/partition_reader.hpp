#pragma once

#include "disk/placement.hpp"
#include "disk/raw_file.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::disk {

/// A partition as a table of an image tells it.
struct FoundPartition {
    unsigned number = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    /// gpt: the type GUID in lower case; msdos: two upper-case hexadecimal digits.
    std::string type;
    /// gpt only.
    std::string name;
    /// gpt only: its own GUID in lower case.
    std::string uuid = {};
    bool boot = false;
};

struct FoundTable {
    TableKind kind = TableKind::none;
    std::vector<FoundPartition> partitions;
    /// gpt: the GUID of the disk; msdos: its signature, eight hexadecimal digits.
    std::string id = {};
};

/// Reads the partition table of a raw image: GPT (primary header, its CRCs checked), or MBR with
/// logical partitions. The image is not trusted: entries that lie outside of it, wrong checksums
/// and endless chains of logical partitions are an Error (code failed). An image without a table
/// gives TableKind::none.
FoundTable read_partition_table(const RawFile& raw);

/// Where a partition lies; throws Error when there is none of that number.
Region partition_at(const std::string& raw_path, unsigned number);

} // namespace kiln::disk
