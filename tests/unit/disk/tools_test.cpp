#include "process/tools/mke2fs.hpp"
#include "process/tools/mtools.hpp"
#include "process/tools/qemu_img.hpp"

#include <gtest/gtest.h>

namespace kiln::process {
namespace {

using Words = std::vector<std::string>;

TEST(Tools, mke2fs_joins_the_options_of_the_user_to_its_own) {
    const Command command = mke2fs_command({.type = "ext4",
                                            .file = "disk.raw",
                                            .offset = 1048576,
                                            .size = 104857600,
                                            .label = "root",
                                            .uuid = "U",
                                            .hash_seed = "H",
                                            .inodes = 6400,
                                            .journal = 4194304,
                                            .source = "/tree",
                                            .options = {"-m", "1", "-E", "resize=8g", "-O64bit"},
                                            .epoch = 1700000000});
    EXPECT_EQ(command.argv,
              (Words{"mke2fs",
                     "-q",
                     "-F",
                     "-t",
                     "ext4",
                     "-b",
                     "4096",
                     "-I",
                     "256",
                     "-N",
                     "6400",
                     "-L",
                     "root",
                     "-U",
                     "U",
                     "-O",
                     "^metadata_csum_seed,^orphan_file,64bit",
                     "-E",
                     // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one word
                     "offset=1048576,hash_seed=H,root_owner=0:0,nodiscard,"
                     "assume_storage_prezeroed=1,resize=8g",
                     "-J",
                     "size=4",
                     "-d",
                     "/tree",
                     "-m",
                     "1",
                     "disk.raw",
                     "102400k"}));
    EXPECT_EQ(command.environment.at("E2FSPROGS_FAKE_TIME"), "1700000000");
}

TEST(Tools, mke2fs_without_content_journal_and_epoch) {
    const Command command = mke2fs_command({.type = "ext2",
                                            .file = "d",
                                            .size = 1048576,
                                            .label = "l",
                                            .uuid = "U",
                                            .hash_seed = "H",
                                            .inodes = 64});
    EXPECT_EQ(command.argv,
              (Words{"mke2fs",
                     "-q",
                     "-F",
                     "-t",
                     "ext2",
                     "-b",
                     "4096",
                     "-I",
                     "256",
                     "-N",
                     "64",
                     "-L",
                     "l",
                     "-U",
                     "U",
                     "-O",
                     "^metadata_csum_seed,^orphan_file",
                     "-E",
                     "offset=0,hash_seed=H,root_owner=0:0,nodiscard,assume_storage_prezeroed=1",
                     "d",
                     "1024k"}));
    EXPECT_FALSE(command.environment.contains("E2FSPROGS_FAKE_TIME"));
}

TEST(Tools, mkfs_vfat_takes_sectors_for_the_offset_and_kibibytes_for_the_size) {
    EXPECT_EQ(mkfs_vfat_command({.file = "disk.raw",
                                 .offset = 1048576,
                                 .size = 67108864,
                                 .fat_bits = 32,
                                 .label = "ESP",
                                 .volume_id = "12345678",
                                 .options = {"-S", "512"}})
                  .argv,
              (Words{"mkfs.vfat",
                     "--invariant",
                     "-F",
                     "32",
                     "-s",
                     "1",
                     "-g",
                     "255/63",
                     "-n",
                     "ESP",
                     "-i",
                     "12345678",
                     "-h",
                     "2048",
                     "--offset=2048",
                     "-S",
                     "512",
                     "disk.raw",
                     "65536"}));
}

TEST(Tools, mtools_take_the_offset_with_the_file) {
    const FatPlace place{.file = "disk.raw", .offset = 1048576, .epoch = 1700000000};
    EXPECT_EQ(mmd_command(place, {"/EFI", "/EFI/BOOT"}).argv,
              (Words{"mmd", "-i", "disk.raw@@1048576", "::/EFI", "::/EFI/BOOT"}));
    const Command copy = mcopy_command(place, {"/t/a", "/t/b"}, "/EFI/");
    EXPECT_EQ(copy.argv,
              (Words{"mcopy", "-o", "-i", "disk.raw@@1048576", "/t/a", "/t/b", "::/EFI/"}));
    EXPECT_EQ(copy.environment.at("SOURCE_DATE_EPOCH"), "1700000000");
    EXPECT_EQ(copy.environment.at("TZ"), "UTC");
}

TEST(Tools, qemu_img_converts_in_order) {
    EXPECT_EQ(qemu_convert_command({.source = "a.raw",
                                    .target = "a.tmp",
                                    .options = {"compression_type=zstd", "compat=1.1"}})
                  .argv,
              (Words{"qemu-img",
                     "convert",
                     "-f",
                     "raw",
                     "-O",
                     "qcow2",
                     "-c",
                     "-o",
                     "compression_type=zstd,compat=1.1",
                     "a.raw",
                     "a.tmp"}));
    EXPECT_EQ(
        qemu_convert_command({.source = "a", .target = "b", .compression = QemuCompression::off})
            .argv,
        (Words{"qemu-img", "convert", "-f", "raw", "-O", "qcow2", "a", "b"}));
}

} // namespace
} // namespace kiln::process
