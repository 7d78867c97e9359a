#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kiln::disk {

/// A name in a folder of ext4; kind is EXT2_FT_*.
struct Ext4Name {
    std::string name;
    std::uint32_t inode = 0;
    unsigned kind = 0;
};

/// What the blocks of a folder are made from.
struct Ext4Folder {
    std::uint32_t inode = 0;
    std::uint32_t parent = 0;
    std::vector<Ext4Name> names;
};

/// The blocks of a folder as a plain list of names in their order, . and .. first, on a
/// little-endian machine. tail: bytes that are left free at the end of each block (those of the
/// checksum that libext2fs puts there).
std::vector<std::string>
make_folder_blocks(const Ext4Folder& folder, std::size_t block_size, std::size_t tail);

} // namespace kiln::disk
