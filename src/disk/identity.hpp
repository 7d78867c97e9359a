#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::disk {

/// In the order of its text form.
using Uuid = std::array<std::uint8_t, 16>;

/// A UUID that looks random (version 4) and follows from the seed of the disk and a purpose
/// ("filesystem mkfs_root"): SHA-256 of both.
Uuid derive_uuid(std::string_view seed, std::string_view purpose);

/// 32 bits by the same rule, never 0.
std::uint32_t derive_number(std::string_view seed, std::string_view purpose);

/// Lower-case text form.
std::string to_string(const Uuid& uuid);

/// From the text form in either case; nothing for other text.
std::optional<Uuid> parse_uuid(std::string_view text);

/// UUID of an ext filesystem of the disk, as its superblock will have it.
std::string filesystem_uuid(std::string_view seed, std::string_view filesystem_name);

/// GUID of a GPT partition.
Uuid partition_uuid(std::string_view seed, unsigned number);

/// Volume id of a FAT, eight hexadecimal digits.
std::string volume_id(std::string_view seed, std::string_view filesystem_name);

} // namespace kiln::disk
