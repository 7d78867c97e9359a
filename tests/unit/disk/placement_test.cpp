#include "disk/ext4_size.hpp"
#include "disk/placement.hpp"
#include "disk/sizes.hpp"
#include "support.hpp"
#include "util/text.hpp"

#include <gmock/gmock.h>

namespace kiln::disk {
namespace {

using testing::HasSubstr;
using tests::error_of;
using tests::layout_of;

constexpr std::uint64_t k_gibibyte = 1024 * k_mebibyte;

std::string msdos(const std::vector<std::string>& partitions) {
    return "- local_loop: {name: image0}\n- partitioning: {base: image0, label: mbr, partitions: "
           "[" +
           util::join(partitions, ", ") + "]}\n";
}

std::string part(int number, const std::string& more = {}) {
    return "{name: p" + std::to_string(number) + ", size: 10MiB" + more + "}";
}

/// "number start end type", in sectors, as partx shows it.
std::vector<std::string> rows(const Placement& placement) {
    std::vector<std::string> lines;
    for (const PlacedPartition& partition : placement.partitions) {
        const std::uint64_t end = (partition.offset + partition.size) / k_sector - 1;
        lines.push_back(std::to_string(partition.number) + " " +
                        std::to_string(partition.offset / k_sector) + " " + std::to_string(end) +
                        " " + partition.type);
    }
    return lines;
}

std::vector<std::string> placed(const std::vector<std::string>& partitions) {
    return rows(place(layout_of(msdos(partitions)), {}, {.disk_size = k_gibibyte}));
}

TEST(Placement, logical_partitions_lie_in_an_extended_one) {
    EXPECT_EQ(placed({part(1)}), (std::vector<std::string>{"1 2048 2097151 F", "5 4096 24575 83"}));
}

TEST(Placement, sixty_four_logical_partitions_follow_each_other) {
    std::vector<std::string> partitions;
    for (int i = 0; i < 64; ++i) {
        partitions.push_back(part(i));
    }
    const std::vector<std::string> lines = placed(partitions);
    ASSERT_EQ(lines.size(), 65U);
    EXPECT_EQ(lines[64], "68 1423360 1443839 83");
}

TEST(Placement, primary_partitions_are_adjacent) {
    const std::string primary = ", flags: [primary]";
    EXPECT_EQ(
        placed({part(1, primary), part(2, primary), part(3, primary)}),
        (std::vector<std::string>{"1 2048 22527 83", "2 22528 43007 83", "3 43008 63487 83"}));
    const std::vector<std::string> mixed =
        placed({part(1, primary), part(2, primary), part(3, primary), part(4), part(5)});
    EXPECT_EQ(mixed[3], "4 63488 2097151 F");
    EXPECT_EQ(mixed[4], "5 65536 86015 83");
    EXPECT_EQ(mixed[5], "6 88064 108543 83");
}

TEST(Placement, a_whole_share_leaves_the_last_mebibyte_free) {
    const Layout layout = layout_of(msdos({"{name: root, size: 100%, flags: [boot, primary]}"}));
    const Placement placement = place(layout, {}, {.disk_size = 1674 * k_mebibyte});
    EXPECT_EQ(placement.partitions[0].offset, k_mebibyte);
    EXPECT_EQ(placement.partitions[0].size, 1672 * k_mebibyte);
}

TEST(Placement, shares_are_of_what_is_left) {
    const Layout layout = layout_of(msdos(
        {"{name: a, size: 50%, flags: [primary]}", "{name: b, size: 50%, flags: [primary]}"}));
    const Placement placement = place(layout, {}, {.disk_size = 102 * k_mebibyte});
    EXPECT_EQ(placement.partitions[0].size, 50 * k_mebibyte);
    EXPECT_EQ(placement.partitions[1].size, 25 * k_mebibyte);
}

TEST(Placement, a_requested_size_is_never_exceeded) {
    const Placement placement = place(flat_layout({}), {}, {.disk_size = 2'000'000'000});
    EXPECT_EQ(placement.disk_size, 1907 * k_mebibyte);
}

TEST(Placement, automatic_size_leaves_room_and_is_aligned) {
    for (const std::uint64_t mebibytes : {1ULL, 20ULL, 550ULL, 5000ULL}) {
        const ContentUsage content{.bytes = mebibytes * k_mebibyte, .inodes = mebibytes * 60};
        const Placement placement = place(flat_layout({}), {{"mkfs_root", content}}, {});
        EXPECT_EQ(placement.disk_size % k_mebibyte, 0U);
        const std::uint64_t metadata =
            journal_size(placement.disk_size) + inode_count(placement.disk_size, content) * 256;
        EXPECT_GE(placement.disk_size - metadata, content.bytes * 5 / 3);
        EXPECT_GE(placement.disk_size - metadata, content.bytes + 64 * k_mebibyte);
    }
}

TEST(Placement, extra_space_is_added_to_the_automatic_size) {
    const Placement plain = place(flat_layout({}), {}, {});
    const Placement more = place(flat_layout({}), {}, {.extra = 500 * k_mebibyte});
    EXPECT_EQ(more.disk_size, plain.disk_size + 500 * k_mebibyte);
}

TEST(Placement, an_image_too_small_says_the_numbers_and_the_option) {
    const Contents contents = {{"mkfs_root", {.bytes = 3 * k_gibibyte, .inodes = 100}}};
    const util::ErrorInfo error =
        error_of([&] { place(flat_layout({}), contents, {.disk_size = k_gibibyte}); });
    EXPECT_EQ(error.code, util::ExitCode::failed);
    EXPECT_EQ(error.what,
              "the image is too small for its content: at least 3137 MiB are needed, "
              "1024 MiB are given");
    EXPECT_EQ(error.hint, "give more with: --image-size 4");
}

TEST(Placement, a_fixed_partition_too_small_is_named) {
    const Layout layout = layout_of(
        msdos({"{name: root, size: 10MiB, mkfs: {type: ext4, mount: {mount_point: /}}}"}));
    const Contents contents = {{"mkfs_root", {.bytes = 90 * k_mebibyte, .inodes = 100}}};
    EXPECT_THAT(error_of([&] { place(layout, contents, {}); }).what,
                HasSubstr("the partition 'root' is too small"));
}

TEST(Placement, a_share_after_one_hundred_percent_is_impossible) {
    const Layout layout = layout_of(msdos({"{name: a, size: 100%}", "{name: b, size: 100%}"}));
    EXPECT_THAT(error_of([&] { place(layout, {}, {}); }).hint, HasSubstr("must be the last"));
}

TEST(Placement, more_than_four_primaries_are_refused) {
    const std::string primary = ", flags: [primary]";
    const Layout layout = layout_of(
        msdos({part(1, primary), part(2, primary), part(3, primary), part(4, primary), part(5)}));
    EXPECT_THAT(error_of([&] { place(layout, {}, {}); }).what, HasSubstr("more than four"));
}

} // namespace
} // namespace kiln::disk
