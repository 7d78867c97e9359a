#include "disk/ext4_image.hpp"
#include "disk/filesystem.hpp"
#include "disk/raw_file.hpp"
#include "disk/sizes.hpp"
#include "support.hpp"
#include "util/temp_dir.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace kiln::disk {
namespace {

using testing::HasSubstr;
using tests::error_of;
using tests::output_of;

constexpr std::uint64_t k_offset = 4 * k_mebibyte;
constexpr std::uint64_t k_size = 32 * k_mebibyte;

class Ext4 : public testing::Test {
protected:
    void SetUp() override {
        KILN_NEEDS("mke2fs");
        std::filesystem::create_directories(tree_ / "etc/many");
        std::ofstream(tree_ / "etc/hostname") << "host\n";
        std::filesystem::create_symlink("/etc", tree_ / "link");
        std::filesystem::create_symlink("hostname", tree_ / "etc/name");
        RawFile::create(raw_, k_offset + k_size);
        make_filesystem({.filesystem = {.name = "mkfs_root", .label = "root"},
                         .region = {.offset = k_offset, .size = k_size},
                         .raw_path = raw_,
                         .source = tree_,
                         .seed = "seed",
                         .epoch = 1'700'000'000},
                        runner_);
    }

    [[nodiscard]] Ext4Image open(Ext4Image::Access access = Ext4Image::Access::write) const {
        return Ext4Image::open(raw_, k_offset, access);
    }

    void expect_clean() const {
        output_of({"e2fsck", "-fn", raw_ + "?offset=" + std::to_string(k_offset)});
    }

    process::PosixRunner runner_;
    util::TempDir folder_{std::filesystem::temp_directory_path(), "kiln-ext4-"};
    std::filesystem::path tree_ = folder_.path() / "tree";
    std::string raw_ = folder_.path() / "disk.raw";
};

TEST_F(Ext4, reads_what_mke2fs_took_from_the_tree) {
    const Ext4Image image = open(Ext4Image::Access::read);
    EXPECT_EQ(image.label(), "root");
    EXPECT_EQ(image.read_file("/etc/hostname"), "host\n");
    EXPECT_EQ(image.read_file("/link/name"), "host\n");
    EXPECT_EQ(image.read_file("/etc/absent"), std::nullopt);
    EXPECT_EQ(image.read_link("/link"), "/etc");
    EXPECT_EQ(image.read_link("/etc/hostname"), std::nullopt);
    EXPECT_TRUE(image.exists("/link/hostname"));
    const std::vector<Ext4Image::Entry> entries = image.list("/etc");
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[1].name, "many");
    EXPECT_TRUE(entries[1].directory);
    EXPECT_TRUE(image.list("/nothing").empty());
}

TEST_F(Ext4, writes_and_replaces_files_and_links) {
    Ext4Image image = open();
    const std::string large(3'000'000, 'x');
    image.make_directories("/a/b/c", 0750);
    image.write_file("/a/b/c/large", large, 0644);
    image.write_file("/etc/hostname", "other\n", 0600);
    image.write_file("/empty", "", 0644);
    image.make_symlink("/link", "/a/b");
    image.make_symlink("/long", std::string(200, 'y'));
    image.close();
    const Ext4Image again = open(Ext4Image::Access::read);
    EXPECT_EQ(again.read_file("/link/c/large"), large);
    EXPECT_EQ(again.read_file("/etc/hostname"), "other\n");
    EXPECT_EQ(again.read_file("/empty"), "");
    EXPECT_EQ(again.read_link("/long"), std::string(200, 'y'));
    expect_clean();
}

TEST_F(Ext4, directories_grow_and_removed_files_give_their_space_back) {
    Ext4Image image = open();
    for (int i = 0; i < 300; ++i) {
        image.write_file("/etc/many/a-file-of-a-long-name-" + std::to_string(i), "x", 0644);
    }
    for (int round = 0; round < 5; ++round) {
        image.write_file("/big", std::string(12 * k_mebibyte, 'b'), 0644);
    }
    image.remove("/big");
    image.remove("/never-there");
    image.close();
    EXPECT_EQ(open(Ext4Image::Access::read).list("/etc/many").size(), 300U);
    expect_clean();
}

TEST_F(Ext4, errors_name_image_and_path) {
    Ext4Image image = open();
    EXPECT_THAT(error_of([&] { image.write_file("/no/such/dir", "", 0644); }).what,
                HasSubstr("'/no/such/dir'"));
    EXPECT_THAT(error_of([&] { image.remove("/etc"); }).what, HasSubstr("is a directory"));
    const util::ErrorInfo error =
        error_of([&] { image.write_file("/big", std::string(40 * k_mebibyte, 'b'), 0644); });
    EXPECT_THAT(error.what, HasSubstr("no room"));
    EXPECT_THAT(error_of([&] { Ext4Image::open(raw_, 0, Ext4Image::Access::read); }).what,
                HasSubstr(raw_));
}

} // namespace
} // namespace kiln::disk
