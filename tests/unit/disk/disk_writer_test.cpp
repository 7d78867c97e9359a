#include "disk/checksums.hpp"
#include "disk/disk_writer.hpp"
#include "disk/ext4_image.hpp"
#include "disk/formats.hpp"
#include "disk/partition_reader.hpp"
#include "disk/sizes.hpp"
#include "support.hpp"
#include "support/memory_reporter.hpp"
#include "util/fd.hpp"
#include "util/temp_dir.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace kiln::disk {
namespace {

using testing::HasSubstr;
using tests::layout_of;
using tests::output_of;
namespace fs = std::filesystem;

constexpr const char* k_both_ways = R"(
- local_loop: {name: image0}
- partitioning:
    base: image0
    label: gpt
    partitions:
      - name: ESP
        type: 'EF00'
        size: 40MiB
        mkfs: {type: vfat, label: esp, mount: {mount_point: /boot/efi, fstab: {}}}
      - {name: BSP, type: 'EF02', size: 2MiB}
      - {name: root, size: 100%, mkfs: {mount: {mount_point: /, fstab: {fsck-passno: 1}}}}
)";

/// Glance's own look at an image: its format, and whether it is safe.
constexpr const char* k_inspect = R"(
import sys
from glance.common import format_inspector
image = format_inspector.detect_file_format(sys.argv[1])
safe = image.safety_check()
print(image, safe)
)";

class DiskWriter : public testing::Test {
protected:
    void SetUp() override {
        KILN_NEEDS("mke2fs");
        KILN_NEEDS("mcopy");
        if (::geteuid() != 0) {
            GTEST_SKIP() << "hiding the ESP from the root filesystem needs root";
        }
        write("etc/hostname", "host\n");
        write("boot/efi/EFI/BOOT/BOOTX64.EFI", "efi");
        for (int i = 0; i < 20; ++i) {
            write("data/" + std::to_string(i), std::string(k_mebibyte, static_cast<char>('a' + i)));
        }
    }

    void write(const std::string& name, const std::string& content) const {
        fs::create_directories((tree_ / name).parent_path());
        std::ofstream(tree_ / name) << content;
    }

    DiskResult make(const std::string& name) {
        return write_disk({.layout = layout_of(k_both_ways),
                           .tree = tree_,
                           .raw_path = folder_.path() / name,
                           .seed = "seed",
                           .epoch = 1'700'000'000},
                          runner_,
                          reporter_);
    }

    std::string glance(const std::string& path) {
        return output_of({"/usr/bin/python3", "-c", k_inspect, path});
    }

    process::PosixRunner runner_;
    tests::MemoryReporter reporter_;
    util::TempDir folder_{fs::temp_directory_path(), "kiln-disk-"};
    fs::path tree_ = folder_.path() / "tree";
    std::string raw_ = folder_.path() / "disk.raw";
    std::string qcow2_ = folder_.path() / "disk.qcow2";
};

TEST_F(DiskWriter, a_disk_has_table_filesystems_and_content) {
    const DiskResult result = make("disk.raw");
    const Region root = partition_at(raw_, 3);
    EXPECT_EQ(root.offset, result.placement.filesystems.at("mkfs_root").offset);
    const Ext4Image image = Ext4Image::open(raw_, root.offset, Ext4Image::Access::read);
    EXPECT_EQ(image.read_file("/etc/hostname"), "host\n");
    EXPECT_EQ(image.read_file("/data/7"), std::string(k_mebibyte, 'h'));
    EXPECT_TRUE(image.list("/boot/efi").empty());
    output_of({"e2fsck", "-fn", raw_ + "?offset=" + std::to_string(root.offset)});
    EXPECT_EQ(output_of({"mtype", "-i", raw_ + "@@1048576", "::/EFI/BOOT/BOOTX64.EFI"}), "efi");
    EXPECT_EQ(result.bootloader, Bootloader::none);
    EXPECT_EQ(reporter_.events.back().kind, report::EventKind::end);
}

TEST_F(DiskWriter, its_table_has_no_problems) {
    KILN_NEEDS("sgdisk");
    make("disk.raw");
    EXPECT_THAT(output_of({"sgdisk", "-v", raw_}), HasSubstr("No problems found"));
}

TEST_F(DiskWriter, same_job_gives_the_same_bytes_in_both_formats) {
    KILN_NEEDS("qemu-img");
    make("disk.raw");
    make("other.raw");
    const std::string other = folder_.path() / "other.raw";
    EXPECT_EQ(compute_checksums(raw_).sha256, compute_checksums(other).sha256);
    const std::string second = folder_.path() / "second.qcow2";
    make_image({.raw_path = raw_, .format = ImageFormat::qcow2, .temporary_path = qcow2_}, runner_);
    make_image({.raw_path = other, .format = ImageFormat::qcow2, .temporary_path = second},
               runner_);
    EXPECT_EQ(compute_checksums(qcow2_).sha256, compute_checksums(second).sha256);
}

TEST_F(DiskWriter, glance_and_qemu_img_accept_both_formats) {
    KILN_NEEDS("qemu-img");
    if (!fs::exists("/usr/lib/python3/dist-packages/glance/common/format_inspector.py")) {
        GTEST_SKIP() << "python3-glance is not installed";
    }
    make("disk.raw");
    make_image({.raw_path = raw_, .format = ImageFormat::qcow2, .temporary_path = qcow2_}, runner_);
    EXPECT_THAT(output_of({"qemu-img", "check", qcow2_}), HasSubstr("No errors were found"));
    EXPECT_THAT(output_of({"qemu-img", "info", qcow2_}), HasSubstr("compression type: zstd"));
    EXPECT_EQ(glance(qcow2_), "qcow2 True\n");
    // Glance before 2025 does not know gpt and calls it raw.
    EXPECT_THAT(glance(raw_), testing::MatchesRegex("(raw|gpt) True\n"));
}

TEST_F(DiskWriter, grub_is_embedded_when_the_tree_has_its_images) {
    std::string boot(k_sector, 'B');
    boot.replace(510, 2, "\x55\xaa");
    std::string core(3000, 'C');
    core.replace(510, 2, "\x20\x08");
    write("boot/grub/i386-pc/boot.img", boot);
    write("boot/grub/i386-pc/core.img", core);
    EXPECT_EQ(make("disk.raw").bootloader, Bootloader::grub_bios);
    const RawFile raw = RawFile::open_readable(raw_);
    EXPECT_EQ(raw.read(0x66, 2), "\x90\x90");
    EXPECT_EQ(raw.read(partition_at(raw_, 2).offset, 4), "CCCC");
}

TEST_F(DiskWriter, a_link_in_the_tree_does_not_lead_out_of_it) {
    const fs::path outside = folder_.path() / "outside";
    fs::create_directories(outside);
    std::ofstream(outside / "secret") << "secret";
    fs::remove_all(tree_ / "boot");
    fs::create_symlink(outside, tree_ / "boot");
    EXPECT_THAT(tests::error_of([&] { make("disk.raw"); }).what, HasSubstr("/boot/efi"));
}

} // namespace
} // namespace kiln::disk
