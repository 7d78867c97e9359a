#include "config/yaml.hpp"
#include "disk/placement.hpp"
#include "disk/sizes.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kiln::disk {
namespace {

Layout own_layout(const std::string& element) {
    return parse_layout(config::load_yaml(std::string(KILN_SOURCE_DIR) + "/elements/" + element +
                                          "/block-device-default.yaml"),
                        {});
}

TEST(OwnLayouts, mbr_has_one_bootable_partition_from_the_first_mebibyte) {
    // Fact B10: the disk that diskimage-builder makes of this size.
    const Placement placement =
        place(own_layout("block-device-mbr"), {}, {.disk_size = 1'754'857'472});
    EXPECT_EQ(placement.table, TableKind::msdos);
    ASSERT_EQ(placement.partitions.size(), 1U);
    const PlacedPartition& root = placement.partitions[0];
    EXPECT_TRUE(root.boot);
    EXPECT_EQ(root.kind, PartitionKind::primary);
    EXPECT_EQ(root.type, "83");
    EXPECT_EQ(root.number, 1U);
    EXPECT_EQ(root.offset / k_sector, 2048U);
    EXPECT_EQ(root.size, 1671 * k_mebibyte);
}

TEST(OwnLayouts, efi_and_gpt_differ_in_the_size_of_the_esp) {
    for (const auto& [element, size] :
         {std::pair{"block-device-efi", 550}, std::pair{"block-device-gpt", 64}}) {
        const Layout layout = own_layout(element);
        ASSERT_EQ(layout.partitions.size(), 3U) << element;
        EXPECT_EQ(layout.partitions[0].type, "EF00");
        EXPECT_EQ(layout.partitions[0].size.bytes, static_cast<std::uint64_t>(size) * k_mebibyte);
        EXPECT_EQ(layout.partitions[1].type, "EF02");
        EXPECT_EQ(layout.partitions[1].size.bytes, 8 * k_mebibyte);
        EXPECT_EQ(layout.partitions[2].type, "8300");
        EXPECT_EQ(root_filesystem(layout)->partition, "root");
    }
}

} // namespace
} // namespace kiln::disk
