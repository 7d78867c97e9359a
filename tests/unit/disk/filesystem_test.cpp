#include "disk/ext4_image.hpp"
#include "disk/filesystem.hpp"
#include "disk/raw_file.hpp"
#include "disk/sizes.hpp"
#include "support.hpp"
#include "support/fake_runner.hpp"
#include "util/digest.hpp"
#include "util/fd.hpp"
#include "util/temp_dir.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace kiln::disk {
namespace {

using testing::HasSubstr;
using tests::error_of;
using tests::output_of;
namespace fs = std::filesystem;

class FilesystemWriter : public testing::Test {
protected:
    void SetUp() override { fs::create_directories(tree_); }

    void write(const std::string& name, const std::string& content) const {
        fs::create_directories((tree_ / name).parent_path());
        std::ofstream(tree_ / name) << content;
    }

    FilesystemJob job(FilesystemType type) const {
        return {.filesystem = {.name = "fs", .type = type, .label = "LABEL"},
                .region = {.offset = k_mebibyte, .size = 48 * k_mebibyte},
                .raw_path = raw_,
                .source = tree_,
                .seed = "seed",
                .epoch = 1'700'000'000};
    }

    std::string make(const FilesystemJob& job) {
        RawFile::create(raw_, 50 * k_mebibyte);
        make_filesystem(job, runner_);
        return util::sha256(util::read_file(raw_));
    }

    std::string debugfs(const std::string& request) const {
        return output_of(
            {"debugfs", "-R", request, raw_ + "?offset=" + std::to_string(k_mebibyte)});
    }

    process::PosixRunner runner_;
    util::TempDir folder_{fs::temp_directory_path(), "kiln-fs-"};
    fs::path tree_ = folder_.path() / "tree";
    std::string raw_ = folder_.path() / "disk.raw";
};

TEST_F(FilesystemWriter, ext4_keeps_all_that_a_tree_can_have) {
    KILN_NEEDS("mke2fs");
    if (::geteuid() != 0) {
        GTEST_SKIP() << "device nodes and capabilities need root";
    }
    write("ping", "binary");
    write("data", "data");
    ASSERT_EQ(::chown((tree_ / "data").c_str(), 70000, 70001), 0);
    ASSERT_EQ(::chmod((tree_ / "data").c_str(), 04751), 0);
    fs::create_hard_link(tree_ / "data", tree_ / "second");
    ASSERT_EQ(::mknod((tree_ / "null").c_str(), S_IFCHR | 0666, ::makedev(1, 3)), 0);
    write("sparse", "");
    fs::resize_file(tree_ / "sparse", 20 * k_mebibyte);
    const std::string capability("\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    const std::string ping = tree_ / "ping";
    ASSERT_EQ(::setxattr(ping.c_str(), "security.capability", capability.data(), 20, 0), 0);
    if (::setxattr(ping.c_str(), "trusted.kiln", "t", 1, 0) != 0 ||
        ::setxattr(ping.c_str(), "user.kiln", "value", 5, 0) != 0) {
        GTEST_SKIP() << "the folder for temporary files keeps no xattrs";
    }
    make(job(FilesystemType::ext4));
    output_of({"e2fsck", "-fn", raw_ + "?offset=1048576"});
    EXPECT_THAT(debugfs("stat /data"), HasSubstr("User: 70000   Group: 70001"));
    EXPECT_THAT(debugfs("stat /data"), HasSubstr("Mode:  04751"));
    EXPECT_THAT(debugfs("stat /data"), HasSubstr("Links: 2"));
    EXPECT_THAT(debugfs("stat /null"), HasSubstr("Device major/minor number: 01:03"));
    EXPECT_THAT(debugfs("stat /sparse"), HasSubstr("Blockcount: 0"));
    const std::string attributes = debugfs("ea_list /ping");
    EXPECT_THAT(attributes, HasSubstr("security.capability (20)"));
    EXPECT_THAT(attributes, HasSubstr("user.kiln (5) = \"value\""));
    EXPECT_THAT(attributes, HasSubstr("trusted.kiln (1) = \"t\""));
}

TEST_F(FilesystemWriter, ext4_has_the_identity_of_the_seed_and_the_owner_of_the_tree) {
    KILN_NEEDS("mke2fs");
    fs::permissions(tree_, static_cast<fs::perms>(01777));
    make(job(FilesystemType::ext4));
    const Ext4Image image = Ext4Image::open(raw_, k_mebibyte, Ext4Image::Access::read);
    EXPECT_EQ(image.label(), "LABEL");
    EXPECT_EQ(image.uuid().size(), 36U);
    EXPECT_EQ(image.uuid().at(14), '4');
    EXPECT_THAT(debugfs("stat /"), HasSubstr("Mode:  01777"));
}

TEST_F(FilesystemWriter, ext4_from_the_same_content_has_the_same_bytes) {
    KILN_NEEDS("mke2fs");
    for (const char* name : {"one", "two", "dir/three", "dir/four", "zero"}) {
        write(name, std::string(5000, name[0]));
    }
    const std::string first = make(job(FilesystemType::ext4));
    fs::remove_all(tree_);
    for (const char* name : {"zero", "dir/four", "two", "dir/three", "one"}) {
        write(name, std::string(5000, name[0]));
    }
    EXPECT_EQ(make(job(FilesystemType::ext4)), first);
}

TEST_F(FilesystemWriter, paths_to_leave_empty_are_empty_folders) {
    KILN_NEEDS("mke2fs");
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root";
    }
    write("boot/efi/EFI/file", "x");
    write("boot/vmlinuz", "kernel");
    fs::permissions(tree_ / "boot/efi", static_cast<fs::perms>(0700));
    FilesystemJob hidden = job(FilesystemType::ext4);
    hidden.leave_empty = {"/boot/efi", "/absent"};
    const std::string first = make(hidden);
    const Ext4Image image = Ext4Image::open(raw_, k_mebibyte, Ext4Image::Access::read);
    EXPECT_TRUE(image.list("/boot/efi").empty());
    EXPECT_TRUE(image.exists("/boot/vmlinuz"));
    EXPECT_THAT(debugfs("stat /boot/efi"), HasSubstr("Mode:  0700"));
    EXPECT_TRUE(fs::exists(tree_ / "boot/efi/EFI/file"));
    EXPECT_EQ(make(hidden), first);
}

TEST_F(FilesystemWriter, ext4_without_room_says_the_numbers) {
    KILN_NEEDS("mke2fs");
    write("large", std::string(60 * k_mebibyte, 'x'));
    FilesystemJob full = job(FilesystemType::ext4);
    full.content = {.bytes = 60 * k_mebibyte, .inodes = 2};
    const util::ErrorInfo error = error_of([&] { make(full); });
    EXPECT_EQ(error.code, util::ExitCode::failed);
    EXPECT_THAT(error.what, HasSubstr("too small for its content"));
    EXPECT_THAT(error.what, HasSubstr("48 MiB are given"));
    EXPECT_THAT(error.hint, HasSubstr("--image-size"));
}

TEST_F(FilesystemWriter, a_full_host_disk_is_told_as_such) {
    tests::FakeRunner runner;
    runner.answer = [](const process::Command&) {
        return process::Result{.exit_code = 1, .err = "mke2fs: No space left on device\n"};
    };
    const util::ErrorInfo error =
        error_of([&] { make_filesystem(job(FilesystemType::ext4), runner); });
    EXPECT_EQ(error.code, util::ExitCode::failed);
    EXPECT_THAT(error.what, HasSubstr("disk full"));
    EXPECT_THAT(error.what, HasSubstr(raw_));
}

TEST_F(FilesystemWriter, vfat_holds_the_tree_and_is_the_same_each_time) {
    KILN_NEEDS("mkfs.vfat");
    KILN_NEEDS("mcopy");
    write("EFI/BOOT/BOOTX64.EFI", std::string(100'000, 'e'));
    write("EFI/debian/grub.cfg", "search\n");
    const std::string first = make(job(FilesystemType::vfat));
    const std::string place = raw_ + "@@1048576";
    EXPECT_EQ(output_of({"mtype", "-i", place, "::/EFI/debian/grub.cfg"}), "search\n");
    const std::string listing = output_of({"mdir", "-i", place, "-/", "::"});
    EXPECT_THAT(listing, HasSubstr("BOOTX64"));
    EXPECT_THAT(listing, HasSubstr("Volume in drive : is LABEL"));
    fs::remove_all(tree_);
    write("EFI/debian/grub.cfg", "search\n");
    write("EFI/BOOT/BOOTX64.EFI", std::string(100'000, 'e'));
    ::sleep(2);
    EXPECT_EQ(make(job(FilesystemType::vfat)), first);
}

TEST_F(FilesystemWriter, vfat_refuses_links_and_says_when_it_is_full) {
    KILN_NEEDS("mkfs.vfat");
    KILN_NEEDS("mcopy");
    write("large", std::string(60 * k_mebibyte, 'x'));
    EXPECT_THAT(error_of([&] { make(job(FilesystemType::vfat)); }).what,
                HasSubstr("too small for its content"));
    fs::create_symlink("/etc/passwd", tree_ / "link");
    EXPECT_THAT(error_of([&] { make(job(FilesystemType::vfat)); }).what,
                HasSubstr("FAT cannot hold it"));
}

} // namespace
} // namespace kiln::disk
