#include "disk/partition_table.hpp"

#include "disk/byte_order.hpp"
#include "disk/gpt_format.hpp"
#include "disk/partition_types.hpp"
#include "disk/sizes.hpp"

#include <algorithm>

namespace kiln::disk {
namespace {

constexpr std::uint64_t k_sector_limit = 0xffffffff;

/// A place by sectors; MBR fields hold 32 bits, larger values are cut to the largest.
std::uint32_t sectors32(std::uint64_t bytes) {
    return static_cast<std::uint32_t>(std::min(bytes / k_sector, k_sector_limit));
}

struct NewMbrEntry {
    std::uint8_t type = 0;
    bool boot = false;
    std::uint32_t start = 0;
    std::uint32_t length = 0;
};

/// Cylinder, head and sector are the "too large" marker, or that of sector 1 for a protective one.
void put_entry(std::string& sector, std::size_t index, const NewMbrEntry& entry) {
    const std::size_t at = k_mbr_entries_at + index * k_mbr_entry_size;
    const bool protective = entry.type == k_mbr_protective;
    put_number(sector, at, static_cast<std::uint8_t>(entry.boot ? 0x80 : 0));
    sector.replace(at + 1, 3, protective ? std::string("\x00\x02\x00", 3) : "\xfe\xff\xff");
    put_number(sector, at + 4, entry.type);
    sector.replace(at + 5, 3, protective ? "\xff\xff\xff" : "\xfe\xff\xff");
    put_number(sector, at + 8, entry.start);
    put_number(sector, at + 12, entry.length);
}

std::string empty_boot_record() {
    std::string sector(k_sector, '\0');
    put_number(sector, k_mbr_magic_at, k_mbr_magic);
    return sector;
}

Patch protective_mbr(const Placement& placement) {
    std::string sector = empty_boot_record();
    put_entry(sector,
              0,
              {.type = k_mbr_protective,
               .start = 1,
               .length = sectors32(placement.disk_size - k_sector)});
    return {.offset = 0, .bytes = sector};
}

/// Names are at most 36 UTF-16 units; other characters than ASCII become '?'.
void put_name(std::string& entry, const std::string& name) {
    constexpr std::size_t k_name_at = 56;
    constexpr std::size_t k_name_units = 36;
    for (std::size_t i = 0; i < std::min(name.size(), k_name_units); ++i) {
        const auto byte = static_cast<unsigned char>(name[i]);
        put_number(entry, k_name_at + 2 * i, static_cast<std::uint16_t>(byte < 0x80 ? byte : '?'));
    }
}

std::string gpt_entries(const Placement& placement, const std::string& seed) {
    std::string table;
    for (const PlacedPartition& partition : placement.partitions) {
        std::string entry(k_gpt_entry_size, '\0');
        entry.replace(0, 16, to_disk_order(gpt_type(partition.type).value()));
        entry.replace(16, 16, to_disk_order(partition_uuid(seed, partition.number)));
        put_number(entry, 32, partition.offset / k_sector);
        put_number(entry, 40, (partition.offset + partition.size) / k_sector - 1);
        put_number(entry, 48, partition.boot ? k_gpt_boot_flag : 0);
        put_name(entry, partition.name);
        table += entry;
    }
    table.resize(std::size_t{k_gpt_entries} * k_gpt_entry_size, '\0');
    return table;
}

struct HeaderPlaces {
    std::uint64_t here = 0;
    std::uint64_t other = 0;
    std::uint64_t entries = 0;
};

std::string gpt_header(const HeaderPlaces& places, std::uint64_t last, const Uuid& disk) {
    std::string header(k_sector, '\0');
    header.replace(0, k_gpt_magic.size(), k_gpt_magic);
    put_number(header, 8, std::uint32_t{0x00010000});
    put_number(header, 12, k_gpt_header_size);
    put_number(header, 24, places.here);
    put_number(header, 32, places.other);
    put_number(header, 40, 2 + k_gpt_entry_sectors);
    put_number(header, 48, last - k_gpt_entry_sectors - 1);
    header.replace(56, 16, to_disk_order(disk));
    put_number(header, 72, places.entries);
    put_number(header, 80, k_gpt_entries);
    put_number(header, 84, k_gpt_entry_size);
    return header;
}

void put_checksums(std::string& header, const std::string& entries) {
    put_number(header, 88, crc32(entries));
    put_number(header, 16, crc32(std::string_view(header).substr(0, k_gpt_header_size)));
}

/// The record before a logical partition: itself, and the way to the next one; the former counts
/// from the record, the latter from the start of the extended partition.
Patch extended_record(const PlacedPartition& logical,
                      const PlacedPartition* next,
                      std::uint64_t extended_start,
                      std::uint64_t alignment) {
    std::string sector = empty_boot_record();
    put_entry(sector,
              0,
              {.type = msdos_type(logical.type).value(),
               .boot = logical.boot,
               .start = sectors32(alignment),
               .length = sectors32(logical.size)});
    if (next != nullptr) {
        put_entry(sector,
                  1,
                  {.type = 0x05,
                   .start = sectors32(next->offset - alignment - extended_start),
                   .length = sectors32(next->size + alignment)});
    }
    return {.offset = logical.offset - alignment, .bytes = sector};
}

std::vector<Patch> extended_records(const Placement& placement) {
    std::vector<const PlacedPartition*> logical;
    std::uint64_t extended_start = 0;
    for (const PlacedPartition& partition : placement.partitions) {
        if (partition.kind == PartitionKind::extended) {
            extended_start = partition.offset;
        }
        if (partition.kind == PartitionKind::logical) {
            logical.push_back(&partition);
        }
    }
    std::vector<Patch> patches;
    for (std::size_t i = 0; i < logical.size(); ++i) {
        const PlacedPartition* next = i + 1 < logical.size() ? logical[i + 1] : nullptr;
        patches.push_back(extended_record(*logical[i], next, extended_start, placement.alignment));
    }
    return patches;
}

} // namespace

std::vector<Patch> gpt_table(const Placement& placement, const std::string& seed) {
    const std::uint64_t last = placement.disk_size / k_sector - 1;
    const std::string entries = gpt_entries(placement, seed);
    const Uuid disk = derive_uuid(seed, "disk");
    const std::uint64_t backup_entries = last - k_gpt_entry_sectors;
    std::string primary = gpt_header({.here = 1, .other = last, .entries = 2}, last, disk);
    std::string backup =
        gpt_header({.here = last, .other = 1, .entries = backup_entries}, last, disk);
    put_checksums(primary, entries);
    put_checksums(backup, entries);
    return {protective_mbr(placement),
            {.offset = k_sector, .bytes = primary + entries},
            {.offset = backup_entries * k_sector, .bytes = entries + backup}};
}

std::vector<Patch> msdos_table(const Placement& placement, const std::string& seed) {
    std::string sector = empty_boot_record();
    put_number(sector, k_mbr_signature_at, derive_number(seed, "disk"));
    std::size_t index = 0;
    for (const PlacedPartition& partition : placement.partitions) {
        if (partition.kind == PartitionKind::logical) {
            continue;
        }
        put_entry(sector,
                  index++,
                  {.type = msdos_type(partition.type).value(),
                   .boot = partition.boot,
                   .start = sectors32(partition.offset),
                   .length = sectors32(partition.size)});
    }
    std::vector<Patch> patches = {{.offset = 0, .bytes = sector}};
    for (Patch& record : extended_records(placement)) {
        patches.push_back(std::move(record));
    }
    return patches;
}

void write_partition_table(const RawFile& raw,
                           const Placement& placement,
                           const std::string& seed) {
    if (placement.table == TableKind::gpt) {
        raw.write(gpt_table(placement, seed));
    } else if (placement.table == TableKind::msdos) {
        raw.write(msdos_table(placement, seed));
    }
}

} // namespace kiln::disk
