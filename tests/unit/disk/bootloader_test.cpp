#include "disk/bootloader.hpp"
#include "disk/byte_order.hpp"
#include "disk/partition_table.hpp"
#include "disk/sizes.hpp"
#include "support.hpp"
#include "util/fd.hpp"
#include "util/temp_dir.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace kiln::disk {
namespace {

using testing::HasSubstr;
using tests::error_of;

/// Images of the shape of GRUB's, with bytes that tell where they came from.
GrubImages images(std::size_t core_sectors) {
    GrubImages images{.boot = std::string(k_sector, 'B'),
                      .core = std::string(core_sectors * k_sector - 100, 'C')};
    put_number(images.boot, 0x1fe, std::uint16_t{0xaa55});
    put_number(images.core, 0x1f4, std::uint64_t{2});
    put_number(images.core, 0x1fc, std::uint16_t{99});
    put_number(images.core, 0x1fe, std::uint16_t{0x820});
    return images;
}

Placement gpt_placement() {
    return {.table = TableKind::gpt,
            .disk_size = 64 * k_mebibyte,
            .partitions = {{.name = "BSP",
                            .number = 1,
                            .type = "EF02",
                            .offset = 2 * k_mebibyte,
                            .size = k_mebibyte}}};
}

Placement msdos_placement() {
    return {.table = TableKind::msdos,
            .disk_size = 64 * k_mebibyte,
            .partitions = {{.name = "root",
                            .number = 1,
                            .type = "83",
                            .offset = k_mebibyte,
                            .size = 32 * k_mebibyte}}};
}

TEST(Bootloader, boot_sector_keeps_the_table_and_points_to_core) {
    const std::string sector =
        boot_sector(images(4).boot, std::string(k_sector, 'D'), 0x123456789a);
    EXPECT_EQ(sector.size(), k_sector);
    EXPECT_EQ(sector.substr(0, 3), "BBB");
    EXPECT_EQ(sector.substr(3, 0x57), std::string(0x57, 'D'));
    EXPECT_EQ(get_number<std::uint64_t>(sector, 0x5c), 0x123456789aU);
    EXPECT_EQ(sector.substr(0x64, 4), "BB\x90\x90");
    EXPECT_EQ(sector.substr(0x68, 440 - 0x68), std::string(440 - 0x68, 'B'));
    EXPECT_EQ(sector.substr(440), std::string(72, 'D'));
}

TEST(Bootloader, core_image_names_the_sectors_after_its_first) {
    const std::string core = core_image(images(4).core, 4096);
    EXPECT_EQ(core.size(), 4 * k_sector);
    EXPECT_EQ(get_number<std::uint64_t>(core, 0x1f4), 4097U);
    EXPECT_EQ(get_number<std::uint16_t>(core, 0x1fc), 3U);
    EXPECT_EQ(get_number<std::uint16_t>(core, 0x1fe), 0x820U);
    EXPECT_EQ(core.substr(0, 0x1f4), std::string(0x1f4, 'C'));
}

TEST(Bootloader, place_is_the_bios_boot_partition_or_the_gap) {
    EXPECT_EQ(core_place(gpt_placement()).offset, 2 * k_mebibyte);
    EXPECT_EQ(core_place(msdos_placement()).offset, k_sector);
    EXPECT_EQ(core_place(msdos_placement()).size, k_mebibyte - k_sector);
}

TEST(Bootloader, a_gpt_without_place_for_it_gets_a_hint) {
    Placement placement = gpt_placement();
    placement.partitions[0].type = "8300";
    const util::ErrorInfo error = error_of([&] { core_place(placement); });
    EXPECT_THAT(error.what, HasSubstr("no BIOS boot partition"));
    EXPECT_THAT(error.hint, HasSubstr("EF02"));
}

TEST(Bootloader, a_core_image_too_large_says_both_sizes) {
    const util::TempDir folder(std::filesystem::temp_directory_path(), "kiln-grub-");
    const RawFile raw = RawFile::create(folder.path() / "disk", 64 * k_mebibyte);
    const util::ErrorInfo error =
        error_of([&] { install_bootloader(raw, msdos_placement(), images(2048)); });
    EXPECT_THAT(error.what, HasSubstr("needs 1048576 bytes, its place on the disk has 1048064"));
}

TEST(Bootloader, an_mbr_keeps_its_table_with_grub_in_the_gap) {
    const util::TempDir folder(std::filesystem::temp_directory_path(), "kiln-grub-");
    const RawFile raw = RawFile::create(folder.path() / "disk", 64 * k_mebibyte);
    Placement placement = msdos_placement();
    placement.partitions[0].boot = true;
    write_partition_table(raw, placement, "seed");
    const std::string table = raw.read(0, k_sector);
    install_bootloader(raw, placement, images(60));
    const std::string sector = raw.read(0, k_sector);
    EXPECT_EQ(sector.substr(0x1b8), table.substr(0x1b8)) << "disk signature, table, end mark";
    EXPECT_EQ(get_number<std::uint8_t>(sector, 0x1be), 0x80) << "bootable";
    EXPECT_EQ(get_number<std::uint64_t>(sector, 0x5c), 1U) << "core.img is right behind";
    const std::string gap = raw.read(k_sector, 61 * k_sector);
    EXPECT_EQ(get_number<std::uint64_t>(gap, 0x1f4), 2U);
    EXPECT_EQ(get_number<std::uint16_t>(gap, 0x1fc), 59U);
    EXPECT_EQ(gap.substr(60 * k_sector), std::string(k_sector, '\0'));
}

TEST(Bootloader, other_files_are_refused) {
    GrubImages wrong = images(4);
    wrong.boot[0x1fe] = 'x';
    EXPECT_THAT(error_of([&] { check_grub_images(wrong); }).what, HasSubstr("signature"));
    wrong = images(4);
    wrong.core[0x1fe] = 'x';
    EXPECT_THAT(error_of([&] { check_grub_images(wrong); }).what, HasSubstr("block list"));
    wrong.boot = "short";
    EXPECT_THAT(error_of([&] { check_grub_images(wrong); }).what, HasSubstr("512 bytes"));
}

TEST(Bootloader, images_of_the_installed_grub_are_accepted_and_embedded) {
    const std::string folder = "/usr/lib/grub/i386-pc";
    KILN_NEEDS("grub-mkimage");
    if (!std::filesystem::exists(folder + "/boot.img")) {
        GTEST_SKIP() << "grub-pc-bin is not installed";
    }
    const util::TempDir temporary(std::filesystem::temp_directory_path(), "kiln-grub-");
    const std::string core = temporary.path() / "core.img";
    tests::output_of({"grub-mkimage",
                      "-O",
                      "i386-pc",
                      "-o",
                      core,
                      "-p",
                      "(hd0,gpt2)/boot/grub",
                      "biosdisk",
                      "part_gpt",
                      "ext2",
                      "normal"});
    const GrubImages real{.boot = util::read_file(folder + "/boot.img"),
                          .core = util::read_file(core)};
    const RawFile raw = RawFile::create(temporary.path() / "disk", 64 * k_mebibyte);
    write_partition_table(raw, gpt_placement(), "seed");
    install_bootloader(raw, gpt_placement(), real);
    const std::string sector = raw.read(0, k_sector);
    EXPECT_EQ(sector.substr(0, 0x5c), real.boot.substr(0, 0x5c));
    EXPECT_EQ(get_number<std::uint64_t>(sector, 0x5c), 4096U);
    EXPECT_EQ(get_number<std::uint8_t>(sector, 0x1be + 4), 0xee);
    const std::string first = raw.read(2 * k_mebibyte, k_sector);
    EXPECT_EQ(get_number<std::uint16_t>(first, 0x1fc), (real.core.size() + 511) / 512 - 1);
}

} // namespace
} // namespace kiln::disk
