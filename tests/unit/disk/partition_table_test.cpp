#include "disk/byte_order.hpp"
#include "disk/partition_reader.hpp"
#include "disk/partition_table.hpp"
#include "disk/sizes.hpp"
#include "support.hpp"
#include "util/temp_dir.hpp"
#include "util/text.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace kiln::disk {
namespace {

using testing::HasSubstr;
using tests::error_of;
using tests::layout_of;
using tests::output_of;

constexpr const char* k_gpt = R"(
- local_loop: {name: image0}
- partitioning:
    base: image0
    label: gpt
    partitions:
      - {name: ESP, type: 'EF00', size: 8MiB}
      - {name: BSP, type: 'EF02', size: 8MiB}
      - {name: Root Part, type: '8300', size: 100%, flags: [boot]}
)";

constexpr const char* k_msdos = R"(
- local_loop: {name: image0}
- partitioning:
    base: image0
    label: mbr
    partitions:
      - {name: a, size: 10MiB, flags: [primary, boot], type: '0x0c'}
      - {name: b, size: 10MiB, flags: [primary]}
      - {name: c, size: 10MiB, flags: [primary]}
      - {name: d, size: 10MiB}
      - {name: e, size: 10MiB}
      - {name: f, size: 10MiB}
)";

class PartitionTable : public testing::Test {
protected:
    RawFile make(const std::string& yaml) {
        const Placement placement = place(layout_of(yaml), {}, {.disk_size = 1024 * k_mebibyte});
        RawFile raw = RawFile::create(path_, placement.disk_size);
        write_partition_table(raw, placement, "seed");
        return raw;
    }

    util::TempDir folder_{std::filesystem::temp_directory_path(), "kiln-table-"};
    std::string path_ = folder_.path() / "disk.raw";
};

TEST_F(PartitionTable, sgdisk_finds_no_problem_with_the_gpt) {
    KILN_NEEDS("sgdisk");
    make(k_gpt);
    EXPECT_THAT(output_of({"sgdisk", "-v", path_}), HasSubstr("No problems found"));
    const std::string listing = output_of({"sgdisk", "-p", path_});
    EXPECT_THAT(listing, HasSubstr("EF02  BSP"));
    EXPECT_THAT(listing, HasSubstr("8300  Root Part"));
}

TEST_F(PartitionTable, sfdisk_reads_the_gpt) {
    KILN_NEEDS("sfdisk");
    make(k_gpt);
    const std::string json = output_of({"sfdisk", "--json", path_});
    EXPECT_THAT(json, HasSubstr("\"label\": \"gpt\""));
    EXPECT_THAT(json, HasSubstr("\"start\": 34816"));
    EXPECT_THAT(json, HasSubstr("\"size\": 2060288"));
    EXPECT_THAT(json, HasSubstr("LegacyBIOSBootable"));
}

TEST_F(PartitionTable, protective_mbr_has_exactly_one_entry) {
    const std::string sector = make(k_gpt).read(0, k_sector);
    EXPECT_EQ(get_number<std::uint8_t>(sector, 0x1be + 4), 0xee);
    EXPECT_EQ(get_number<std::uint32_t>(sector, 0x1be + 12), 2097151U);
    EXPECT_EQ(sector.substr(0x1be + 16, 48), std::string(48, '\0'));
}

TEST_F(PartitionTable, partx_reads_the_msdos_table) {
    KILN_NEEDS("partx");
    make(k_msdos);
    EXPECT_EQ(
        output_of(
            {"partx", "--raw", "-o", "NR,START,END,TYPE,FLAGS,SCHEME", "-g", "-b", "-", path_}),
        "1 2048 22527 0xc 0x80 dos\n"
        "2 22528 43007 0x83 0x0 dos\n"
        "3 43008 63487 0x83 0x0 dos\n"
        "4 63488 2097151 0xf 0x0 dos\n"
        "5 65536 86015 0x83 0x0 dos\n"
        "6 88064 108543 0x83 0x0 dos\n"
        "7 110592 131071 0x83 0x0 dos\n");
}

TEST_F(PartitionTable, sfdisk_finds_no_errors_in_the_msdos_table) {
    KILN_NEEDS("sfdisk");
    make(k_msdos);
    EXPECT_THAT(output_of({"sfdisk", "--verify", path_}), HasSubstr("No errors detected"));
}

TEST_F(PartitionTable, reader_finds_what_was_written) {
    make(k_gpt);
    const FoundTable table = read_partition_table(RawFile::open_readable(path_));
    EXPECT_EQ(table.kind, TableKind::gpt);
    ASSERT_EQ(table.partitions.size(), 3U);
    EXPECT_EQ(table.partitions[2].name, "Root Part");
    EXPECT_TRUE(table.partitions[2].boot);
    EXPECT_EQ(partition_at(path_, 2).offset, 9 * k_mebibyte);
    make(k_msdos);
    EXPECT_EQ(partition_at(path_, 7).offset, 110592 * k_sector);
    EXPECT_EQ(partition_at(path_, 7).size, 10 * k_mebibyte);
    EXPECT_THAT(error_of([&] { partition_at(path_, 9); }).what, HasSubstr("no partition 9"));
}

TEST_F(PartitionTable, reader_finds_no_table_in_zeros) {
    const RawFile raw = RawFile::create(path_, k_mebibyte);
    EXPECT_EQ(read_partition_table(raw).kind, TableKind::none);
}

TEST_F(PartitionTable, reader_refuses_damaged_tables) {
    const RawFile raw = make(k_gpt);
    raw.write({.offset = 2 * k_sector + 40, .bytes = "\x7f"});
    EXPECT_THAT(error_of([&] { read_partition_table(raw); }).what, HasSubstr("wrong checksum"));
    raw.write({.offset = k_sector, .bytes = "X"});
    EXPECT_THAT(error_of([&] { read_partition_table(raw); }).what, HasSubstr("no GPT header"));
}

TEST_F(PartitionTable, reader_ends_on_a_loop_of_logical_partitions) {
    const RawFile raw = make(k_msdos);
    std::string record = raw.read(63488 * k_sector, k_sector);
    std::string second = raw.read(86016 * k_sector, k_sector);
    put_number(second, 0x1be + 16 + 8, std::uint32_t{86016 - 63488});
    raw.write({.offset = 86016 * k_sector, .bytes = second});
    EXPECT_THAT(error_of([&] { read_partition_table(raw); }).what, HasSubstr("has no end"));
}

TEST_F(PartitionTable, reader_refuses_partitions_beyond_the_end) {
    const RawFile raw = make(k_msdos);
    std::string sector = raw.read(0, k_sector);
    put_number(sector, 0x1be + 12, std::uint32_t{0xffffffff});
    raw.write({.offset = 0, .bytes = sector});
    EXPECT_THAT(error_of([&] { read_partition_table(raw); }).what, HasSubstr("outside"));
}

TEST_F(PartitionTable, same_seed_gives_the_same_table_and_another_seed_another) {
    const Placement placement = place(layout_of(k_gpt), {}, {.disk_size = 64 * k_mebibyte});
    const std::string one = gpt_table(placement, "a")[1].bytes;
    EXPECT_EQ(one, gpt_table(placement, "a")[1].bytes);
    EXPECT_NE(one, gpt_table(placement, "b")[1].bytes);
}

} // namespace
} // namespace kiln::disk
