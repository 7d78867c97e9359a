#pragma once

#include "disk/placement.hpp"
#include "disk/raw_file.hpp"

#include <string>
#include <vector>

namespace kiln::disk {

/// GPT with 128 entries, primary and backup, and a protective MBR with exactly one entry of type
/// 0xEE (OpenStack's image checker refuses hybrid ones). UEFI specification 2.10, chapter 5.
std::vector<Patch> gpt_table(const Placement& placement, const std::string& seed);

/// MBR, and an extended boot record before each logical partition, one alignment unit ahead of it.
std::vector<Patch> msdos_table(const Placement& placement, const std::string& seed);

/// Writes the table of the placement into the image; nothing for TableKind::none. GUIDs and the
/// disk signature follow from the seed.
void write_partition_table(const RawFile& raw, const Placement& placement, const std::string& seed);

} // namespace kiln::disk
