#pragma once

#include <cstdint>
#include <string>

namespace kiln::inspect {

/// What a file is, told by its own magic numbers; a name is never believed.
struct FileFormat {
    /// "qcow2", "vmdk", "vdi", "vhdx", "vhd", "raw", "tar", "squashfs".
    std::string name;
    /// What qemu-img calls the format of a disk that must be converted to be read; empty for
    /// others.
    std::string driver{};
    /// The size of the disk inside, where it is known before.
    std::uint64_t disk_size = 0;
};

/// Reads the headers of a foreign image. Throws Error for one whose disk would be read from other
/// files too (backing files, extents, parents), and for a damaged header.
FileFormat file_format(const std::string& path);

} // namespace kiln::inspect
