#include "disk/qcow2_map.hpp"

#include "disk/byte_order.hpp"
#include "disk/sizes.hpp"

#include <algorithm>
#include <string_view>

namespace kiln::disk {
namespace {

/// Also of the first-level table, which is as many clusters as it needs.
constexpr std::uint64_t k_table_entries = k_qcow2_cluster / sizeof(std::uint64_t);
constexpr std::uint64_t k_counts_of_block = k_qcow2_cluster / sizeof(std::uint16_t);

constexpr std::uint64_t k_used_once = std::uint64_t{1} << 63U;
constexpr std::uint64_t k_compressed = std::uint64_t{1} << 62U;
/// Where the number of further sectors begins in the entry of a compressed cluster.
constexpr unsigned k_sectors_shift = 62 - (k_qcow2_cluster_bits - 8);

constexpr std::uint32_t k_written_header_length = 112;
constexpr unsigned k_compression_type_bit = 3;
constexpr std::uint32_t k_feature_names = 0x6803f857;

template <typename Number>
std::string big_endian(const std::vector<Number>& numbers) {
    std::string bytes;
    bytes.reserve(numbers.size() * sizeof(Number));
    for (const Number number : numbers) {
        append_big_endian(bytes, number);
    }
    return bytes;
}

std::uint64_t divide_up(std::uint64_t value, std::uint64_t unit) {
    return (value + unit - 1) / unit;
}

/// The fields that every version has.
struct BasicHeader {
    Qcow2Version version = Qcow2Version::v3;
    std::uint64_t disk_size = 0;
    std::uint64_t first_table = 0;
    std::uint64_t first_table_entries = 0;
    std::uint64_t counts = 0;
    std::uint64_t counts_clusters = 0;
};

std::string basic_header(const BasicHeader& fields) {
    std::string header = "QFI\xfb";
    append_big_endian(header, static_cast<std::uint32_t>(fields.version));
    append_big_endian(header, std::uint64_t{0}); // no backing file
    append_big_endian(header, std::uint32_t{0});
    append_big_endian(header, std::uint32_t{k_qcow2_cluster_bits});
    append_big_endian(header, fields.disk_size);
    append_big_endian(header, std::uint32_t{0}); // not encrypted
    append_big_endian(header, static_cast<std::uint32_t>(fields.first_table_entries));
    append_big_endian(header, fields.first_table);
    append_big_endian(header, fields.counts);
    append_big_endian(header, static_cast<std::uint32_t>(fields.counts_clusters));
    append_big_endian(header, std::uint32_t{0}); // no snapshots
    append_big_endian(header, std::uint64_t{0});
    return header;
}

/// So that a QEMU before 5.1 says by name what it does not know.
void append_feature_name(std::string& header) {
    constexpr std::uint32_t k_row = 48;
    append_big_endian(header, k_feature_names);
    append_big_endian(header, k_row);
    std::string row(k_row, '\0');
    row[1] = static_cast<char>(k_compression_type_bit);
    constexpr std::string_view k_name = "compression type";
    row.replace(2, k_name.size(), k_name);
    header += row;
}

/// The fields and extensions that version 2 does not have.
void append_version_3(std::string& header, Compression compression) {
    constexpr std::uint32_t k_count_order = 4; // reference counts of 16 bits
    const bool zstd = compression == Compression::zstd;
    append_big_endian(header, std::uint64_t{zstd ? 1U : 0U} << k_compression_type_bit);
    append_big_endian(header, std::uint64_t{0}); // compatible features
    append_big_endian(header, std::uint64_t{0}); // features to clear
    append_big_endian(header, k_count_order);
    append_big_endian(header, k_written_header_length);
    append_big_endian(header, std::uint64_t{zstd ? 1U : 0U} << 56U); // its first byte is the type
    if (zstd) {
        append_feature_name(header);
    }
}

} // namespace

std::uint64_t Qcow2Map::append_clusters(std::uint64_t count) {
    const std::uint64_t offset = file_size();
    counts_.resize(counts_.size() + count, 1);
    return offset;
}

std::uint64_t& Qcow2Map::entry_of(std::uint64_t cluster) {
    std::vector<std::uint64_t>& table = tables_[cluster / k_table_entries];
    table.resize(k_table_entries);
    return table[cluster % k_table_entries];
}

std::uint64_t Qcow2Map::add_packed(std::uint64_t cluster, std::uint64_t size) {
    const std::uint64_t room = divide_up(packed_end_, k_qcow2_cluster) * k_qcow2_cluster;
    const bool fits = packed_end_ + size <= room;
    if (!fits && room != file_size()) {
        packed_end_ = file_size();
    }
    const std::uint64_t offset = packed_end_;
    packed_end_ += size;
    const std::uint64_t last = (packed_end_ - 1) / k_qcow2_cluster;
    counts_.resize(std::max<std::uint64_t>(counts_.size(), last + 1));
    for (std::uint64_t used = offset / k_qcow2_cluster; used <= last; ++used) {
        ++counts_[used];
    }
    const std::uint64_t sectors = (packed_end_ - 1) / k_sector - offset / k_sector;
    entry_of(cluster) = k_compressed | (sectors << k_sectors_shift) | offset;
    return offset;
}

std::uint64_t Qcow2Map::add_plain(std::uint64_t cluster) {
    const std::uint64_t offset = append_clusters(1);
    entry_of(cluster) = k_used_once | offset;
    return offset;
}

std::uint64_t Qcow2Map::first_table_entries() const {
    return std::max<std::uint64_t>(1, divide_up(disk_size_, k_table_entries * k_qcow2_cluster));
}

std::uint64_t Qcow2Map::place_tables(std::vector<Patch>& patches) {
    std::vector<std::uint64_t> first(first_table_entries());
    for (const auto& [index, table] : tables_) {
        const std::uint64_t offset = append_clusters(1);
        first.at(index) = k_used_once | offset;
        patches.push_back({.offset = offset, .bytes = big_endian(table)});
    }
    const std::uint64_t offset = append_clusters(divide_up(first.size(), k_table_entries));
    patches.push_back({.offset = offset, .bytes = big_endian(first)});
    return offset;
}

Qcow2Map::Counts Qcow2Map::place_counts(std::vector<Patch>& patches) {
    // The blocks count their own clusters too, so their number follows from itself.
    std::uint64_t blocks = 0;
    std::uint64_t clusters = 0;
    for (std::uint64_t all = 0; all != counts_.size() + clusters + blocks;) {
        all = counts_.size() + clusters + blocks;
        blocks = divide_up(all, k_counts_of_block);
        clusters = divide_up(blocks, k_table_entries);
    }
    const std::uint64_t offset = append_clusters(clusters + blocks);
    std::vector<std::uint64_t> table(clusters * k_table_entries);
    for (std::uint64_t block = 0; block < blocks; ++block) {
        table[block] = offset + (clusters + block) * k_qcow2_cluster;
    }
    patches.push_back({.offset = offset, .bytes = big_endian(table) + big_endian(counts_)});
    return {.offset = offset, .clusters = clusters};
}

std::vector<Patch> Qcow2Map::finish(Qcow2Version version, Compression compression) {
    std::vector<Patch> patches;
    const std::uint64_t first = place_tables(patches);
    const Counts counts = place_counts(patches);
    std::string header = basic_header({.version = version,
                                       .disk_size = disk_size_,
                                       .first_table = first,
                                       .first_table_entries = first_table_entries(),
                                       .counts = counts.offset,
                                       .counts_clusters = counts.clusters});
    if (version == Qcow2Version::v3) {
        append_version_3(header, compression);
    }
    patches.push_back({.offset = 0, .bytes = header});
    return patches;
}

} // namespace kiln::disk
