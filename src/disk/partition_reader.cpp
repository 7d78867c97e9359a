#include "disk/partition_reader.hpp"

#include "disk/byte_order.hpp"
#include "disk/gpt_format.hpp"
#include "disk/sizes.hpp"
#include "util/error.hpp"

#include <algorithm>
#include <set>

namespace kiln::disk {
namespace {

constexpr std::uint64_t k_table_limit = k_mebibyte;
constexpr unsigned k_first_logical = 5;
constexpr std::size_t k_most_logical = 256;

[[noreturn]] void fail(const RawFile& raw, const std::string& what) {
    throw util::Error({.what = "the partition table of '" + raw.path() + "' is damaged: " + what,
                       .hint = "look at it with: sfdisk --verify " + raw.path()});
}

struct MbrEntry {
    std::uint8_t type = 0;
    bool boot = false;
    std::uint64_t start = 0;
    std::uint64_t length = 0;
};

MbrEntry mbr_entry(std::string_view sector, std::size_t index) {
    const std::size_t at = k_mbr_entries_at + index * k_mbr_entry_size;
    return {.type = get_number<std::uint8_t>(sector, at + 4),
            .boot = get_number<std::uint8_t>(sector, at) == 0x80,
            .start = get_number<std::uint32_t>(sector, at + 8),
            .length = get_number<std::uint32_t>(sector, at + 12)};
}

bool has_boot_magic(std::string_view sector) {
    return get_number<std::uint16_t>(sector, k_mbr_magic_at) == k_mbr_magic;
}

bool is_extended(std::uint8_t type) {
    return type == 0x05 || type == 0x0f || type == 0x85;
}

std::string hexadecimal(std::uint8_t value) {
    static constexpr std::string_view k_digits = "0123456789ABCDEF";
    return {k_digits.at(value >> 4U), k_digits.at(value & 15U)};
}

/// As the Linux kernel writes it in PARTUUID.
std::string signature_of(std::string_view sector) {
    static constexpr std::string_view k_digits = "0123456789abcdef";
    const auto number = get_number<std::uint32_t>(sector, k_mbr_signature_at);
    std::string text;
    for (unsigned shift = 32; shift > 0; shift -= 4) {
        text += k_digits.at(number >> (shift - 4) & 15U);
    }
    return text;
}

/// Reads one image; keeps the bounds that every entry must respect.
class TableReader {
public:
    explicit TableReader(const RawFile& raw) : raw_(raw), sectors_(raw.size() / k_sector) {}

    FoundTable read() {
        FoundTable table;
        if (sectors_ < 2) {
            return table;
        }
        const std::string first = raw_.read(0, k_sector);
        if (!has_boot_magic(first)) {
            return table;
        }
        for (std::size_t i = 0; i < 4; ++i) {
            if (mbr_entry(first, i).type == k_mbr_protective) {
                return read_gpt();
            }
        }
        table.partitions = read_msdos(first);
        if (!table.partitions.empty()) {
            table.kind = TableKind::msdos;
            table.id = signature_of(first);
        }
        return table;
    }

private:
    FoundTable read_gpt() {
        const std::string header = raw_.read(k_sector, k_sector);
        check_header(header);
        const auto count = get_number<std::uint32_t>(header, 80);
        const auto size = get_number<std::uint32_t>(header, 84);
        const auto place = get_number<std::uint64_t>(header, 72);
        const std::uint64_t length = std::uint64_t{count} * size;
        if (size < k_gpt_entry_size || length > k_table_limit || place >= sectors_ ||
            length > raw_.size() - place * k_sector) {
            fail(raw_, "its entries lie outside of the image");
        }
        const std::string entries = raw_.read(place * k_sector, static_cast<std::size_t>(length));
        if (crc32(entries) != get_number<std::uint32_t>(header, 88)) {
            fail(raw_, "wrong checksum of the entries");
        }
        FoundTable table{.kind = TableKind::gpt,
                         .partitions = {},
                         .id = to_string(from_disk_order(std::string_view(header).substr(56, 16)))};
        for (unsigned i = 0; i < count; ++i) {
            add_gpt(std::string_view(entries).substr(std::size_t{i} * size, size),
                    i + 1,
                    table.partitions);
        }
        return table;
    }

    void check_header(const std::string& header) const {
        const auto size = get_number<std::uint32_t>(header, 12);
        if (header.substr(0, k_gpt_magic.size()) != k_gpt_magic) {
            fail(raw_, "no GPT header behind its protective MBR");
        }
        if (size < k_gpt_header_size || size > k_sector) {
            fail(raw_, "wrong size of the GPT header");
        }
        std::string blank = header.substr(0, size);
        put_number(blank, 16, std::uint32_t{0});
        if (crc32(blank) != get_number<std::uint32_t>(header, 16)) {
            fail(raw_, "wrong checksum of the GPT header");
        }
    }

    void
    add_gpt(std::string_view entry, unsigned number, std::vector<FoundPartition>& found) const {
        const Uuid type = from_disk_order(entry.substr(0, 16));
        if (type == Uuid{}) {
            return;
        }
        const auto start = get_number<std::uint64_t>(entry, 32);
        const auto last = get_number<std::uint64_t>(entry, 40);
        if (last < start) {
            fail(raw_, "partition " + std::to_string(number) + " ends before it begins");
        }
        FoundPartition partition = placed(number, start, last - start + 1);
        partition.type = to_string(type);
        partition.uuid = to_string(from_disk_order(entry.substr(16, 16)));
        partition.name = name_of(entry);
        partition.boot = (get_number<std::uint64_t>(entry, 48) & k_gpt_boot_flag) != 0;
        found.push_back(std::move(partition));
    }

    static std::string name_of(std::string_view entry) {
        std::string name;
        for (std::size_t at = 56; at < 128; at += 2) {
            const auto unit = get_number<std::uint16_t>(entry, at);
            if (unit == 0) {
                break;
            }
            name += unit >= 0x20 && unit < 0x7f ? static_cast<char>(unit) : '?';
        }
        return name;
    }

    /// Bounds first: start and length come from the image.
    [[nodiscard]] FoundPartition
    placed(unsigned number, std::uint64_t start, std::uint64_t length) const {
        if (start == 0 || start >= sectors_ || length == 0 || length > sectors_ - start) {
            fail(raw_, "partition " + std::to_string(number) + " lies outside of the image");
        }
        return {.number = number, .offset = start * k_sector, .size = length * k_sector};
    }

    /// The boot sector of a filesystem without a table has the magic too; its "entries" then are
    /// code or text, which the status byte tells.
    static bool is_table(std::string_view sector) {
        for (std::size_t i = 0; i < 4; ++i) {
            const std::size_t at = k_mbr_entries_at + i * k_mbr_entry_size;
            if ((get_number<std::uint8_t>(sector, at) & 0x7fU) != 0) {
                return false;
            }
        }
        return true;
    }

    std::vector<FoundPartition> read_msdos(std::string_view first) {
        std::vector<FoundPartition> found;
        std::vector<FoundPartition> logical;
        if (!is_table(first)) {
            return found;
        }
        for (unsigned i = 0; i < 4; ++i) {
            const MbrEntry entry = mbr_entry(first, i);
            if (entry.type == 0 || entry.length == 0) {
                continue;
            }
            found.push_back(msdos_partition(i + 1, entry.start, entry));
            if (is_extended(entry.type)) {
                read_logical(entry.start, logical);
            }
        }
        found.insert(found.end(), logical.begin(), logical.end());
        return found;
    }

    [[nodiscard]] FoundPartition
    msdos_partition(unsigned number, std::uint64_t start, const MbrEntry& entry) const {
        FoundPartition partition = placed(number, start, entry.length);
        partition.type = hexadecimal(entry.type);
        partition.boot = entry.boot;
        return partition;
    }

    void read_logical(std::uint64_t extended, std::vector<FoundPartition>& found) const {
        std::set<std::uint64_t> seen;
        std::uint64_t record = extended;
        while (true) {
            if (record >= sectors_ || !seen.insert(record).second ||
                found.size() >= k_most_logical) {
                fail(raw_, "the chain of logical partitions has no end");
            }
            const std::string sector = raw_.read(record * k_sector, k_sector);
            const MbrEntry entry = mbr_entry(sector, 0);
            const MbrEntry next = mbr_entry(sector, 1);
            if (has_boot_magic(sector) && entry.type != 0 && entry.length != 0) {
                const auto number = static_cast<unsigned>(k_first_logical + found.size());
                found.push_back(msdos_partition(number, record + entry.start, entry));
            }
            if (!has_boot_magic(sector) || !is_extended(next.type) || next.start == 0) {
                return;
            }
            record = extended + next.start;
        }
    }

    const RawFile& raw_;
    std::uint64_t sectors_;
};

} // namespace

FoundTable read_partition_table(const RawFile& raw) {
    return TableReader(raw).read();
}

Region partition_at(const std::string& raw_path, unsigned number) {
    const FoundTable table = read_partition_table(RawFile::open_readable(raw_path));
    for (const FoundPartition& partition : table.partitions) {
        if (partition.number == number) {
            return {.offset = partition.offset, .size = partition.size};
        }
    }
    throw util::Error({.what = "'" + raw_path + "' has no partition " + std::to_string(number),
                       .hint = "it has " + std::to_string(table.partitions.size()) +
                               " partitions (" + table_name(table.kind) + ")"});
}

} // namespace kiln::disk
