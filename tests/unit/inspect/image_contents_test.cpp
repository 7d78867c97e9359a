#include "disk/raw_file.hpp"
#include "inspect/image_contents.hpp"
#include "support.hpp"
#include "util/digest.hpp"

namespace kiln::inspect {
namespace {

using testing::HasSubstr;
using tests::error_of;

class ImageContentsTest : public testing::Test {
protected:
    ImageContents read(const std::string& name, Trees trees = Trees::read) {
        const SourceImage image = open_source(files / name, "copy", options, runner);
        format = image.format;
        return read_contents(image, trees, options, runner, reporter);
    }

    /// An ext4 of 8 MiB with a tree.
    std::string make_disk(const std::string& name) {
        files.write("source/etc/os-release", "ID=test\n");
        disk::RawFile::create(files / name, std::uint64_t{8} * 1024 * 1024);
        tests::output_of({"mke2fs", "-qF", "-t", "ext4", "-d", files / "source", files / name});
        return files / name;
    }

    void debugfs(const std::string& disk, const std::string& request) {
        tests::output_of({"debugfs", "-w", "-R", request, disk});
    }

    tests::TestFiles files;
    process::PosixRunner runner;
    tests::MemoryReporter reporter;
    ReadOptions options{.scratch = files.directory("scratch")};
    std::string format;
};

TEST_F(ImageContentsTest, of_a_disk_have_a_layout_and_a_tree) {
    make_disk("disk");
    const ImageContents contents = read("disk");
    EXPECT_EQ(format, "raw");
    EXPECT_EQ(contents.tree.files.at("etc/os-release").digest, util::sha256("ID=test\n"));
    ASSERT_TRUE(contents.layout);
    EXPECT_EQ(contents.layout->back().name, "filesystem of disk");
    EXPECT_TRUE(read("disk", Trees::skipped).tree.files.empty());
}

TEST_F(ImageContentsTest, have_the_numbers_of_devices) {
    const std::string disk = make_disk("disk");
    debugfs(disk, "mknod null c 1 3");
    debugfs(disk, "mknod nvme b 259 7");
    const ImageContents contents = read("disk");
    EXPECT_EQ(contents.tree.files.at("null").target, "c 1:3");
    EXPECT_EQ(contents.tree.files.at("null").type, util::EntryType::device);
    EXPECT_EQ(contents.tree.files.at("nvme").target, "b 259:7");
    tests::output_of({"tar", "-C", "/dev", "-cf", files / "tar", "null"});
    EXPECT_EQ(read("tar").tree.files.at("null").target, "c 1:3");
    EXPECT_EQ(format, "tar");
}

TEST_F(ImageContentsTest, of_packed_disks_come_from_a_copy_in_the_scratch_folder) {
    const std::string disk = make_disk("disk");
    tests::output_of({"qemu-img", "convert", "-O", "qcow2", disk, files / "packed"});
    const ImageContents contents = read("packed");
    EXPECT_EQ(format, "qcow2");
    EXPECT_TRUE(files.has("scratch/copy.raw"));
    EXPECT_TRUE(contents.tree.files.contains("etc/os-release"));
}

TEST_F(ImageContentsTest, of_a_disk_without_a_root_have_a_layout_only) {
    disk::RawFile::create(files / "zeros", std::uint64_t{1024} * 1024);
    EXPECT_THAT(error_of([&] { read("zeros"); }).what, HasSubstr("no root filesystem"));
    EXPECT_TRUE(read("zeros", Trees::skipped).layout);
}

TEST_F(ImageContentsTest, are_not_read_from_what_is_no_image) {
    EXPECT_EQ(error_of([&] { read("missing"); }).code, util::ExitCode::usage);
    const SourceImage folder = open_source(files / "scratch", "copy", options, runner);
    EXPECT_EQ(folder.format, "folder");
    EXPECT_THAT(error_of([&] { open_source("/dev/null", "copy", options, runner); }).what,
                HasSubstr("no regular file"));
}

TEST_F(ImageContentsTest, are_not_read_on_when_the_user_ends_it) {
    const std::string disk = make_disk("disk");
    tests::output_of({"qemu-img", "convert", "-O", "qcow2", disk, files / "packed"});
    options.on_wait = [] { throw util::Error({.what = "ended"}); };
    EXPECT_EQ(error_of([&] { read("disk"); }).what, "ended");
    EXPECT_EQ(error_of([&] { read("packed"); }).what, "ended");
}

} // namespace
} // namespace kiln::inspect
