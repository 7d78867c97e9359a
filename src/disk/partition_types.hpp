#pragma once

#include "disk/identity.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kiln::disk {

/// Type GUID of a partition: a code as sgdisk has it ("EF00") or a GUID; nothing when unknown.
std::optional<Uuid> gpt_type(const std::string& type);

/// Type byte of an msdos partition from two hexadecimal digits; nothing for other text.
std::optional<std::uint8_t> msdos_type(const std::string& type);

/// The codes that gpt_type knows.
std::vector<std::string> known_gpt_codes();

/// "0x83", "ef02": "83", "EF02".
std::string normalise_type(const std::string& type);

} // namespace kiln::disk
