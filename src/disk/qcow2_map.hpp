#pragma once

#include "disk/compression.hpp"
#include "disk/raw_file.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace kiln::disk {

/// Clusters of kiln's own qcow2 files, QEMU's default.
constexpr unsigned k_qcow2_cluster_bits = 16;
constexpr std::uint64_t k_qcow2_cluster = std::uint64_t{1} << k_qcow2_cluster_bits;

enum class Qcow2Version { v2 = 2, v3 = 3 };

/// Where the clusters of a disk lie in a new qcow2 file (docs/interop/qcow2.txt of QEMU): the
/// header, then the data in the order in which it is added, then the tables. Clusters that are
/// not added read as zeros.
class Qcow2Map {
public:
    explicit Qcow2Map(std::uint64_t disk_size) : disk_size_(disk_size) {}

    /// A place for `size` bytes (fewer than a cluster has) that a compressed cluster needs; it
    /// begins where the one before ended, when that can be. Each cluster is added once.
    std::uint64_t add_packed(std::uint64_t cluster, std::uint64_t size);

    /// A place for a cluster as it is.
    std::uint64_t add_plain(std::uint64_t cluster);

    /// Everything but the data, the header last, so that a file that was not finished is no qcow2.
    /// v2 knows no compression but zlib. Nothing may be added afterwards.
    std::vector<Patch> finish(Qcow2Version version, Compression compression);

    /// Of the whole file, once finished; its end may be a hole.
    [[nodiscard]] std::uint64_t file_size() const { return counts_.size() * k_qcow2_cluster; }

private:
    struct Counts {
        std::uint64_t offset = 0;
        /// Of their table; its blocks follow.
        std::uint64_t clusters = 0;
    };

    /// Further clusters at the end of the file, each used once.
    std::uint64_t append_clusters(std::uint64_t count);
    std::uint64_t& entry_of(std::uint64_t cluster);
    [[nodiscard]] std::uint64_t first_table_entries() const;
    /// Returns the place of the first-level table.
    std::uint64_t place_tables(std::vector<Patch>& patches);
    /// The reference counts of all clusters, their own too.
    Counts place_counts(std::vector<Patch>& patches);

    std::uint64_t disk_size_;
    /// Second-level tables by their index in the first; only those that have entries.
    std::map<std::uint64_t, std::vector<std::uint64_t>> tables_;
    /// How often each host cluster is used; the first is the header.
    std::vector<std::uint16_t> counts_{1};
    /// Where the last compressed cluster ended.
    std::uint64_t packed_end_ = 0;
};

} // namespace kiln::disk
