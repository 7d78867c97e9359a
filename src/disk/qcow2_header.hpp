#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kiln::disk {

/// What the header of a qcow2 says that matters (docs/interop/qcow2.txt of QEMU).
struct Qcow2Header {
    unsigned version = 0;
    unsigned cluster_bits = 0;
    /// The size of the disk inside.
    std::uint64_t disk_size = 0;
    std::uint64_t first_table_offset = 0;
    std::uint64_t first_table_entries = 0;
};

/// Enough of the file for every header and its extensions.
constexpr std::size_t k_qcow2_header_bytes = 65536;

/// Whether bytes begin as a qcow2 does.
bool is_qcow2(std::string_view bytes);

/// Reads the header of a foreign qcow2 from the first bytes of a file of file_size bytes. Throws
/// Error (code failed) naming the file for one that refers to another file (backing or data file),
/// is encrypted, uses features that are not known, or lies about sizes and places.
Qcow2Header
read_qcow2_header(std::string_view bytes, std::uint64_t file_size, const std::string& name);

} // namespace kiln::disk
