#include "disk/byte_order.hpp"
#include "disk/ext4_folder.hpp"

#include <gtest/gtest.h>

namespace kiln::disk {
namespace {

/// The names of a block, following its lengths; checks that they end where they must.
std::vector<std::string> names_in(const std::string& block, std::size_t end) {
    std::vector<std::string> names;
    std::size_t at = 0;
    while (at < end) {
        const auto length = get_number<std::uint16_t>(block, at + 4);
        names.push_back(block.substr(at + 8, static_cast<unsigned char>(block.at(at + 6))));
        EXPECT_GE(length, 8 + names.back().size());
        EXPECT_EQ(length % 4, 0);
        if (length == 0) {
            break;
        }
        at += length;
    }
    EXPECT_EQ(at, end);
    return names;
}

TEST(Ext4Folder, an_empty_one_has_itself_and_the_one_above) {
    const auto blocks = make_folder_blocks({.inode = 20, .parent = 2, .names = {}}, 4096, 12);
    ASSERT_EQ(blocks.size(), 1U);
    EXPECT_EQ(blocks[0].size(), 4096U);
    EXPECT_EQ(names_in(blocks[0], 4084), (std::vector<std::string>{".", ".."}));
    EXPECT_EQ(get_number<std::uint32_t>(blocks[0], 0), 20U);
    EXPECT_EQ(get_number<std::uint32_t>(blocks[0], 12), 2U);
    EXPECT_EQ(blocks[0].substr(4084), std::string(12, '\0'));
}

TEST(Ext4Folder, names_of_every_length_fill_block_after_block) {
    Ext4Folder folder{.inode = 20, .parent = 2, .names = {}};
    std::vector<std::string> all = {".", ".."};
    for (unsigned i = 1; i <= 255; ++i) {
        all.emplace_back(i, 'n');
        folder.names.push_back({.name = all.back(), .inode = 100 + i, .kind = 1});
    }
    for (const std::size_t tail : {0U, 12U}) {
        std::vector<std::string> found;
        for (const std::string& block : make_folder_blocks(folder, 4096, tail)) {
            for (const std::string& name : names_in(block, 4096 - tail)) {
                found.push_back(name);
            }
        }
        EXPECT_EQ(found, all);
    }
}

} // namespace
} // namespace kiln::disk
