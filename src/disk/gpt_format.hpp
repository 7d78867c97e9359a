#pragma once

#include "disk/identity.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Places in the structures of the UEFI specification 2.10, chapter 5, and of the MBR before it.
namespace kiln::disk {

constexpr std::size_t k_mbr_signature_at = 0x1b8;
constexpr std::size_t k_mbr_entries_at = 0x1be;
constexpr std::size_t k_mbr_entry_size = 16;
constexpr std::size_t k_mbr_magic_at = 0x1fe;
constexpr std::uint16_t k_mbr_magic = 0xaa55;
constexpr std::uint8_t k_mbr_protective = 0xee;

constexpr std::string_view k_gpt_magic = "EFI PART";
constexpr std::uint32_t k_gpt_header_size = 92;
constexpr std::uint32_t k_gpt_entries = 128;
constexpr std::uint32_t k_gpt_entry_size = 128;
constexpr std::uint64_t k_gpt_entry_sectors = 32;
constexpr std::uint64_t k_gpt_boot_flag = std::uint64_t{1} << 2U;

/// CRC-32 as GPT and zlib have it.
std::uint32_t crc32(std::string_view bytes);

/// The form on disk: the first three fields are little-endian.
std::string to_disk_order(const Uuid& uuid);

/// The reverse, from 16 bytes.
Uuid from_disk_order(std::string_view bytes);

} // namespace kiln::disk
