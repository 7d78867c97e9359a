#include "disk/ext4_folder.hpp"

#include "disk/byte_order.hpp"

#include <ext2fs/ext2fs.h>

#include <algorithm>

namespace kiln::disk {
namespace {

constexpr std::size_t k_head = 8;

/// A name takes a multiple of four bytes; the last one of a block takes the rest of it.
class Blocks {
public:
    Blocks(std::size_t size, std::size_t tail) : size_(size), room_(size - tail) {}

    void add(const Ext4Name& name) {
        const std::size_t length = (k_head + name.name.size() + 3) / 4 * 4;
        if (blocks_.empty() || used_ + length > room_) {
            end_block();
            blocks_.emplace_back(size_, '\0');
            used_ = 0;
        }
        std::string& block = blocks_.back();
        put_number(block, used_, name.inode);
        put_number(block, used_ + 4, static_cast<std::uint16_t>(length));
        put_number(block, used_ + 6, static_cast<std::uint8_t>(name.name.size()));
        put_number(block, used_ + 7, static_cast<std::uint8_t>(name.kind));
        block.replace(used_ + k_head, name.name.size(), name.name);
        last_ = used_;
        used_ += length;
    }

    std::vector<std::string> take() {
        end_block();
        return std::move(blocks_);
    }

private:
    void end_block() {
        if (!blocks_.empty()) {
            put_number(blocks_.back(), last_ + 4, static_cast<std::uint16_t>(room_ - last_));
        }
    }

    std::size_t size_;
    std::size_t room_;
    std::size_t used_ = 0;
    std::size_t last_ = 0;
    std::vector<std::string> blocks_;
};

} // namespace

std::vector<std::string>
make_folder_blocks(const Ext4Folder& folder, std::size_t block_size, std::size_t tail) {
    Blocks blocks(block_size, tail);
    blocks.add({.name = ".", .inode = folder.inode, .kind = EXT2_FT_DIR});
    blocks.add({.name = "..", .inode = folder.parent, .kind = EXT2_FT_DIR});
    for (const Ext4Name& name : folder.names) {
        blocks.add(name);
    }
    return blocks.take();
}

} // namespace kiln::disk
