#include "disk/ext4_filler.hpp"
#include "disk/ext4_image.hpp"
#include "disk/filesystem.hpp"
#include "disk/raw_file.hpp"
#include "disk/sizes.hpp"
#include "support.hpp"
#include "util/digest.hpp"
#include "util/fd.hpp"
#include "util/temp_dir.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <random>

namespace kiln::disk {
namespace {

using testing::HasSubstr;
using tests::error_of;
using tests::output_of;
namespace fs = std::filesystem;

constexpr std::int64_t k_epoch = 1'700'000'000;

class Ext4Filler : public testing::Test {
protected:
    void SetUp() override {
        KILN_NEEDS("mke2fs");
        KILN_NEEDS("debugfs");
        fs::create_directories(tree_);
    }

    std::string write(const std::string& name, const std::string& content) const {
        fs::create_directories((tree_ / name).parent_path());
        std::ofstream(tree_ / name) << content;
        return tree_ / name;
    }

    FilesystemJob job(const std::vector<std::string>& options = {}) const {
        return {.filesystem = {.name = "fs", .type = FilesystemType::ext4, .options = options},
                .region = {.offset = k_mebibyte, .size = 98 * k_mebibyte},
                .raw_path = raw_,
                .source = tree_,
                .seed = "seed",
                .epoch = k_epoch};
    }

    /// Every image is checked.
    void make(const FilesystemJob& job) {
        RawFile::create(raw_, 100 * k_mebibyte);
        make_filesystem(job, runner_);
        output_of({"e2fsck", "-fn", place()});
    }

    std::string place() const { return raw_ + "?offset=" + std::to_string(k_mebibyte); }

    std::string debugfs(const std::string& request) const {
        return output_of({"debugfs", "-R", request, place()});
    }

    /// debugfs takes everything out again: names, content and targets of links are the same.
    void expect_same_tree() const {
        const fs::path out = folder_.path() / "out";
        fs::remove_all(out);
        fs::create_directories(out);
        debugfs("rdump / " + out.string());
        fs::remove(out / "lost+found");
        output_of({"diff", "-r", "--no-dereference", tree_, out});
    }

    process::PosixRunner runner_;
    util::TempDir folder_{fs::temp_directory_path(), "kiln-fill-"};
    fs::path tree_ = folder_.path() / "tree";
    std::string raw_ = folder_.path() / "disk.raw";
};

TEST_F(Ext4Filler, keeps_files_of_all_sizes) {
    std::mt19937 random(3); // NOLINT(cert-msc51-cpp): the same tree each time
    for (const unsigned size :
         {0U, 1U, 59U, 60U, 4095U, 4096U, 4097U, 1048575U, 1048577U, 5000000U}) {
        std::string bytes(size, '\0');
        for (char& byte : bytes) {
            byte = static_cast<char>(random());
        }
        write("sizes/" + std::to_string(size), bytes);
    }
    make(job());
    expect_same_tree();
}

TEST_F(Ext4Filler, keeps_folders_with_many_names_and_deep_ones) {
    for (unsigned i = 0; i < 1500; ++i) {
        write("many/" + std::string(1 + i % 200, 'n') + std::to_string(i), "");
    }
    std::string deep = "deep";
    for (int i = 0; i < 60; ++i) {
        deep += "/" + std::to_string(i);
    }
    write(deep, "found");
    for (int i = 0; i < 300; ++i) {
        fs::create_directories(tree_ / "folders" / std::to_string(i));
    }
    make(job());
    expect_same_tree();
    EXPECT_THAT(debugfs("stat /folders"), HasSubstr("Links: 302"));
    EXPECT_THAT(debugfs("stat /"), HasSubstr("Links: 6")); // with lost+found
}

TEST_F(Ext4Filler, keeps_holes_and_files_in_many_pieces) {
    for (const int pieces : {1, 3, 5, 400}) {
        const std::string path = write("holes" + std::to_string(pieces), "");
        const RawFile file = RawFile::create(path, 30 * k_mebibyte + 7);
        for (int i = 0; i < pieces; ++i) {
            file.write(static_cast<std::uint64_t>(i) * 70000 + 5000, "piece " + std::to_string(i));
        }
    }
    make(job());
    expect_same_tree();
    EXPECT_THAT(debugfs("stat /holes1"), HasSubstr("Blockcount: 8"));
    EXPECT_THAT(debugfs("stat /holes1"), HasSubstr("Size: 31457287"));
    EXPECT_THAT(debugfs("stat /holes400"), HasSubstr("ETB0")); // a tree of extents
}

TEST_F(Ext4Filler, keeps_links_of_every_kind) {
    write("file", "content");
    fs::create_hard_link(tree_ / "file", tree_ / "again");
    fs::create_directories(tree_ / "sub");
    fs::create_hard_link(tree_ / "file", tree_ / "sub/third");
    for (const std::size_t length : {1U, 59U, 60U, 61U, 200U}) {
        fs::create_symlink(std::string(length, 't'), tree_ / ("link" + std::to_string(length)));
    }
    make(job());
    expect_same_tree();
    EXPECT_THAT(debugfs("stat /sub/third"), HasSubstr("Links: 3"));
    const Ext4Image image = Ext4Image::open(raw_, k_mebibyte, Ext4Image::Access::read);
    EXPECT_EQ(image.read_link("/link60"), std::string(60, 't'));
}

TEST_F(Ext4Filler, keeps_devices_and_pipes_but_no_sockets) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root";
    }
    ASSERT_EQ(::mknod((tree_ / "small").c_str(), S_IFBLK | 0660, ::makedev(8, 17)), 0);
    ASSERT_EQ(::mknod((tree_ / "large").c_str(), S_IFCHR | 0600, ::makedev(300, 70000)), 0);
    ASSERT_EQ(::mknod((tree_ / "pipe").c_str(), S_IFIFO | 0644, 0), 0);
    ASSERT_EQ(::mknod((tree_ / "socket").c_str(), S_IFSOCK | 0644, 0), 0);
    make(job());
    EXPECT_THAT(debugfs("stat /small"), HasSubstr("Device major/minor number: 08:17"));
    EXPECT_THAT(debugfs("stat /large"), HasSubstr("Device major/minor number: 300:70000"));
    EXPECT_THAT(debugfs("stat /pipe"), HasSubstr("Type: FIFO"));
    const Ext4Image image = Ext4Image::open(raw_, k_mebibyte, Ext4Image::Access::read);
    EXPECT_FALSE(image.exists("/socket"));
}

TEST_F(Ext4Filler, keeps_attributes_that_fit_in_the_inode_and_those_that_do_not) {
    const std::string path = write("file", "content");
    const std::string folder = tree_ / "folder";
    fs::create_directories(folder);
    const std::string large(1500, 'a');
    if (::setxattr(path.c_str(), "user.large", large.data(), large.size(), 0) != 0 ||
        ::setxattr(path.c_str(), "user.small", "s", 1, 0) != 0 ||
        ::setxattr(folder.c_str(), "user.folder", "f", 1, 0) != 0) {
        GTEST_SKIP() << "the folder for temporary files keeps no xattrs";
    }
    make(job());
    EXPECT_THAT(debugfs("ea_list /file"), HasSubstr("user.large (1500)"));
    EXPECT_THAT(debugfs("ea_list /file"), HasSubstr("user.small (1) = \"s\""));
    EXPECT_THAT(debugfs("ea_list /folder"), HasSubstr("user.folder (1) = \"f\""));
}

TEST_F(Ext4Filler, keeps_access_lists) {
    KILN_NEEDS("setfacl");
    const std::string path = write("file", "content");
    if (runner_
            .run({.argv = {"setfacl", "-m", "u:1234:rw", path},
                  .environment = process::tool_environment()})
            .exit_code != 0) {
        GTEST_SKIP() << "the folder for temporary files keeps no access lists";
    }
    make(job());
    EXPECT_THAT(debugfs("ea_list /file"), HasSubstr("system.posix_acl_access"));
}

TEST_F(Ext4Filler, sets_all_times_but_older_ones_of_modification) {
    const auto set_time = [&](const std::string& path, std::int64_t seconds) {
        const std::array<timespec, 2> times = {
            {{.tv_sec = seconds, .tv_nsec = 5}, {.tv_sec = seconds, .tv_nsec = 5}}};
        ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0), 0);
    };
    set_time(write("old", ""), 1'000'000'000);
    set_time(write("new", ""), 1'800'000'000);
    set_time(write("ancient", ""), -5);
    make(job());
    const std::string old = debugfs("stat /old");
    EXPECT_THAT(old, HasSubstr("mtime: 0x3b9aca00:00000000"));
    EXPECT_THAT(old, HasSubstr("ctime: 0x6553f100:00000000"));
    EXPECT_THAT(old, HasSubstr("atime: 0x6553f100:00000000"));
    EXPECT_THAT(old, HasSubstr("crtime: 0x6553f100:00000000"));
    EXPECT_THAT(debugfs("stat /new"), HasSubstr(" mtime: 0x6553f100:00000000"));
    EXPECT_THAT(debugfs("stat /ancient"), HasSubstr(" mtime: 0xfffffffb:00000000"));
}

TEST_F(Ext4Filler, takes_content_and_owner_of_a_lost_and_found_in_the_tree) {
    write("lost+found/piece", "of a file");
    fs::permissions(tree_ / "lost+found", static_cast<fs::perms>(0710));
    make(job());
    const Ext4Image image = Ext4Image::open(raw_, k_mebibyte, Ext4Image::Access::read);
    EXPECT_EQ(image.read_file("/lost+found/piece"), "of a file");
    EXPECT_THAT(debugfs("stat /lost+found"), HasSubstr("Mode:  0710"));
}

TEST_F(Ext4Filler, leaves_features_that_it_does_not_know_to_mke2fs) {
    write("small", "lies in its inode");
    write("large", std::string(2 * k_mebibyte, 'x'));
    for (const char* feature : {"inline_data", "bigalloc", "^extents,^64bit"}) {
        make(job({"-O", feature}));
        const Ext4Image image = Ext4Image::open(raw_, k_mebibyte, Ext4Image::Access::read);
        EXPECT_EQ(image.read_file("/large"), std::string(2 * k_mebibyte, 'x')) << feature;
        EXPECT_THAT(debugfs("cat /small"), HasSubstr("lies in its inode")) << feature;
        EXPECT_THAT(debugfs("stat /small"), HasSubstr("ctime: 0x6553f100")) << feature;
    }
}

TEST_F(Ext4Filler, works_with_and_without_checksums) {
    for (int i = 0; i < 200; ++i) {
        write("folder/" + std::string(100, 'n') + std::to_string(i), "x");
    }
    for (const char* feature : {"metadata_csum", "^metadata_csum", "^metadata_csum,uninit_bg"}) {
        make(job({"-O", feature}));
        expect_same_tree();
    }
}

TEST_F(Ext4Filler, without_enough_inodes_is_too_small) {
    for (int i = 0; i < 100; ++i) {
        write(std::to_string(i), "");
    }
    FilesystemJob few = job({"-N", "20"});
    RawFile::create(raw_, 100 * k_mebibyte);
    EXPECT_THAT(error_of([&] { make_filesystem(few, runner_); }).what,
                HasSubstr("too small for its content"));
}

TEST_F(Ext4Filler, gives_the_same_bytes_from_the_same_tree) {
    const auto bytes = [&] {
        for (const char* name : {"one", "two", "dir/three", "dir/sub/four", "zero"}) {
            write(name, std::string(9000, name[0]));
        }
        fs::create_hard_link(tree_ / "zero", tree_ / "dir/again");
        make(job());
        fs::remove_all(tree_);
        return util::sha256(util::read_file(raw_));
    };
    EXPECT_EQ(bytes(), bytes());
}

} // namespace
} // namespace kiln::disk
