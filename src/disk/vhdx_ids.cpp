#include "disk/byte_order.hpp"
#include "disk/identity.hpp"
#include "disk/image_ids.hpp"
#include "disk/raw_file.hpp"
#include "disk/sizes.hpp"
#include "util/error.hpp"

#include <ext2fs/ext2fs.h>

#include <algorithm>
#include <array>
#include <optional>

namespace kiln::disk {
namespace {

// Places of [MS-VHDX] 2.2: two headers, then a table of regions.
constexpr std::array<std::uint64_t, 2> k_headers = {0x10000, 0x20000};
constexpr std::uint64_t k_regions = 0x30000;
constexpr std::size_t k_header_size = 4096;
constexpr std::size_t k_header_checksum = 4;
constexpr std::size_t k_header_sequence = 8;
constexpr std::size_t k_header_file_id = 16;
constexpr std::size_t k_header_data_id = 32;
constexpr std::size_t k_header_log_id = 48;
constexpr std::size_t k_header_log_length = 68;
constexpr std::size_t k_header_log_offset = 72;
constexpr std::size_t k_table_count = 8;
constexpr std::size_t k_region_entries = 16;
constexpr std::size_t k_item_entries = 32;
constexpr std::size_t k_entry_size = 32;
constexpr std::size_t k_most_entries = 2047;
constexpr std::uint64_t k_largest_log = std::uint64_t{64} * k_mebibyte;

using Guid = std::array<unsigned char, 16>;
constexpr Guid k_metadata_region = {
    0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b, 0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e};
constexpr Guid k_page_83 = {
    0xab, 0x12, 0xca, 0xbe, 0xe6, 0xb2, 0x23, 0x45, 0x93, 0xef, 0xc3, 0x09, 0xe0, 0x00, 0xc7, 0x46};

std::string guid_for(const ImageIds& ids, const char* purpose) {
    const Uuid uuid = derive_uuid(ids.seed, purpose);
    return {uuid.begin(), uuid.end()};
}

bool has_guid(std::string_view bytes, std::size_t at, const Guid& guid) {
    return std::equal(
        guid.begin(),
        guid.end(),
        bytes.begin() + static_cast<long>(at),
        [](unsigned char left, char right) { return left == static_cast<unsigned char>(right); });
}

[[noreturn]] void throw_strange(const RawFile& file) {
    throw util::Error(
        {.what = "qemu-img wrote '" + file.path() + "' in a way that is no vhdx known to kiln",
         .hint = "take another format, or another version of qemu-img",
         .code = util::ExitCode::tool});
}

/// Where the entry with a GUID is in a table whose entries begin at `first`.
std::optional<std::size_t>
find_entry(std::string_view table, std::size_t first, std::uint32_t count, const Guid& guid) {
    for (std::size_t i = 0; i < std::min<std::size_t>(count, k_most_entries); ++i) {
        const std::size_t at = first + i * k_entry_size;
        if (at + k_entry_size <= table.size() && has_guid(table, at, guid)) {
            return at;
        }
    }
    return std::nullopt;
}

/// The header that counts: the valid one with the higher sequence number.
std::string current_header(const RawFile& file) {
    const std::string first = file.read(k_headers[0], k_header_size);
    const std::string second = file.read(k_headers[1], k_header_size);
    if (!first.starts_with("head") || !second.starts_with("head")) {
        throw_strange(file);
    }
    const bool later = get_number<std::uint64_t>(second, k_header_sequence) >
                       get_number<std::uint64_t>(first, k_header_sequence);
    return later ? second : first;
}

void clear_log(const RawFile& file, std::string_view header) {
    const auto length = get_number<std::uint32_t>(header, k_header_log_length);
    const auto offset = get_number<std::uint64_t>(header, k_header_log_offset);
    const std::string_view id = header.substr(k_header_log_id, sizeof(Guid));
    const bool is_empty = std::all_of(id.begin(), id.end(), [](char byte) { return byte == 0; });
    if (!is_empty || length > k_largest_log || offset + length > file.size()) {
        throw_strange(file);
    }
    file.write({.offset = offset, .bytes = std::string(length, '\0')});
}

void write_headers(const RawFile& file, std::string header, const ImageIds& ids) {
    header.replace(k_header_file_id, sizeof(Guid), guid_for(ids, "vhdx file"));
    header.replace(k_header_data_id, sizeof(Guid), guid_for(ids, "vhdx data"));
    for (std::uint64_t i = 0; i < k_headers.size(); ++i) {
        put_number(header, k_header_sequence, i + 1);
        put_number(header, k_header_checksum, std::uint32_t{0});
        const auto* bytes = reinterpret_cast<const unsigned char*>(header.data());
        put_number(header, k_header_checksum, ~::ext2fs_crc32c_le(~0U, bytes, header.size()));
        file.write({.offset = k_headers.at(i), .bytes = header});
    }
}

void settle_page_83(const RawFile& file, const ImageIds& ids) {
    const std::string regions = file.read(k_regions, 64 * 1024);
    const auto region = find_entry(regions,
                                   k_region_entries,
                                   get_number<std::uint32_t>(regions, k_table_count),
                                   k_metadata_region);
    if (!region) {
        throw_strange(file);
    }
    const auto base = get_number<std::uint64_t>(regions, *region + sizeof(Guid));
    const std::string items = file.read(base, 64 * 1024);
    const auto item = find_entry(
        items, k_item_entries, get_number<std::uint16_t>(items, k_table_count + 2), k_page_83);
    if (!item) {
        throw_strange(file);
    }
    const auto place = get_number<std::uint32_t>(items, *item + sizeof(Guid));
    file.write({.offset = base + place, .bytes = guid_for(ids, "vhdx page 83")});
}

} // namespace

void settle_vhdx(const std::string& path, const ImageIds& ids) {
    const RawFile file = RawFile::open_writable(path);
    const std::string header = current_header(file);
    clear_log(file, header);
    write_headers(file, header, ids);
    settle_page_83(file, ids);
}

} // namespace kiln::disk
