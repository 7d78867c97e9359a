#include "unit/archive/tar_builder.hpp"
#include "unpack_fixture.hpp"

#include <functional>

namespace kiln::tests {
namespace {

using ::testing::HasSubstr;

std::string long_name() {
    return std::string(70, 'a') + "/../../../outside/new";
}

struct HostileTar {
    std::string name;
    std::string bytes;
    std::string message;
};

/// "outside" lies beside the target.
std::vector<HostileTar> hostile_tars() {
    using Header = TarBuilder::Header;
    const auto tar = [] { return TarBuilder(); };
    return {
        {"dotdot", tar().file("../outside/new").finished(), "'..'"},
        {"dotdot_inside", tar().file("a/../../outside/new").finished(), "'..'"},
        {"dotdot_behind_a_long_name", tar().file(long_name()).finished(), "'..'"},
        {"dotdot_folder", tar().folder("..").finished(), "'..'"},
        {"dotdot_by_a_pax_record",
         tar().record("path", "../outside/new").file("x").finished(),
         "'..'"},
        {"absolute", tar().file("/etc/new").finished(), "absolute"},
        {"absolute_folder", tar().folder("//tmp").finished(), "absolute"},
        {"through_a_link",
         tar().link("out", "../outside").file("out/new").finished(),
         "goes through a link"},
        {"through_an_absolute_link",
         tar().link("out", "/tmp").file("out/new").finished(),
         "goes through a link"},
        {"through_a_link_that_stays_inside",
         tar().folder("real").link("out", "real").file("out/new").finished(),
         "goes through a link"},
        {"folder_through_a_link",
         tar().link("out", "../outside").folder("out/new").finished(),
         "goes through a link"},
        {"hard_link_out", tar().hard_link("x", "../outside/canary").finished(), "'..'"},
        {"hard_link_absolute", tar().hard_link("x", "/etc/passwd").finished(), "absolute"},
        {"hard_link_to_nothing", tar().hard_link("x", "etc/passwd").finished(), "no file there"},
        {"hard_link_through_a_link",
         tar().link("out", "../outside").hard_link("x", "out/canary").finished(),
         "goes through a link"},
        {"hard_link_to_a_folder",
         tar().folder("d").hard_link("x", "d").finished(),
         "no file there"},
        {"hard_link_to_itself", tar().hard_link("x", "x").finished(), "no file there"},
        {"device", tar().add(Header{.name = "sda", .type = '4'}).finished(), "device"},
        {"character_device", tar().add(Header{.name = "a/mem", .type = '3'}).finished(), "device"},
        {"device_whose_name_only_begins_as_dev",
         tar().add(Header{.name = "devil/mem", .type = '3'}).finished(),
         "device"},
        {"file_over_a_folder", tar().folder("d").file("d/x").file("d").finished(), "already"},
        {"root_that_is_a_file", tar().file("./.").finished(), "root is no directory"},
        {"size_beyond_the_limit",
         tar().record("size", "107374182400").file("big").finished(),
         "larger than"},
        {"cut_off", tar().header(Header{.name = "x"}, 100000).unfinished(), "cannot read"},
    };
}

class HostileTars : public UnpackTest, public ::testing::WithParamInterface<HostileTar> {};

TEST_P(HostileTars, is_refused) {
    files.write("x.tar", GetParam().bytes);
    EXPECT_THAT(refusal("x.tar"), HasSubstr(GetParam().message));
    EXPECT_FALSE(files.has("tmp"));
}

template <typename Case>
std::string name_of(const ::testing::TestParamInfo<Case>& info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(All,
                         HostileTars,
                         ::testing::ValuesIn(hostile_tars()),
                         name_of<HostileTar>);

class Bombs : public UnpackTest {};

TEST_F(Bombs, end_at_the_limit_of_bytes) {
    files.write(
        "x.tar",
        TarBuilder().file("a", std::string(600, 'a')).file("b", std::string(600, 'b')).finished());
    base::UnpackRequest request;
    request.limits.bytes = 1000;
    EXPECT_THAT(refusal("x.tar", request), HasSubstr("larger than 1000 B together"));
    EXPECT_FALSE(files.has("target/b"));
}

TEST_F(Bombs, end_at_the_limit_of_entries) {
    files.write("x.tar", TarBuilder().file("a").file("b").file("c").finished());
    base::UnpackRequest request;
    request.limits.entries = 2;
    EXPECT_THAT(refusal("x.tar", request), HasSubstr("more than 2 files"));
}

TEST_F(Bombs, end_when_little_becomes_too_much) {
    shell("truncate -s 1100M x; tar -c x | zstd -q >x.tar.zst; rm x");
    EXPECT_THAT(refusal("x.tar.zst"), HasSubstr("is a bomb"));
}

TEST_F(Bombs, of_a_disk_larger_than_the_limit_are_not_begun) {
    shell("qemu-img create -q -f qcow2 huge.qcow2 1T");
    EXPECT_THAT(refusal("huge.qcow2"), HasSubstr("is larger than"));
}

TEST_F(UnpackTest, a_later_entry_replaces_a_link_instead_of_following_it) {
    files.write("x.tar", TarBuilder().link("x", "../outside/canary").file("x", "mine").finished());
    unpack("x.tar");
    EXPECT_EQ(files.read("target/x"), "mine");
}

TEST_F(UnpackTest, what_is_no_file_is_not_read) {
    shell("mkfifo pipe; touch empty");
    EXPECT_THAT(refusal("pipe"), HasSubstr("no regular file"));
    EXPECT_THAT(refusal("empty"), HasSubstr("is empty"));
    EXPECT_THAT(refusal("absent"), HasSubstr("No such file"));
}

TEST_F(UnpackTest, an_image_without_a_filesystem_is_told) {
    files.write("noise.raw", std::string(100000, 'n'));
    EXPECT_THAT(refusal("noise.raw"), HasSubstr("no root filesystem is in"));
}

struct HostileExt4 {
    std::string name;
    /// Commands of debugfs -w.
    std::string commands;
    std::string message;
};

std::vector<HostileExt4> hostile_filesystems() {
    return {
        {"device", "mknod sda b 8 0", "it is a device"},
        {"directory_within_itself", "ln /etc /etc/loop", "two names"},
        {"file_that_is_a_deleted_inode", "ln <200> /ghost", "deleted file"},
        {"reserved_inode", "ln <5> /ghost", "deleted file"},
        {"name_with_a_slash", "ln /etc/shadow a\\/b", "impossible name"},
        {"block_out_of_range", "sif /usr/bin/su block[5] 99999999", "damaged"},
        {"unknown_type", "sif /etc/shadow mode 0170644", "no known type"},
        {"huge_link", "sif /usr/os-release size 100000", "impossible length"},
        {"huge_file", "sif /etc/shadow size 0x7fffffffffff", "larger than"},
        {"encrypted", "sif /etc/shadow flags 0x80800", "encrypted"},
        {"unknown_feature", "ssv feature_incompat 0x40000000", "nsupported"},
        {"more_blocks_than_the_file", "ssv blocks_count 99999999", "larger than the place"},
        {"absurd_block_size", "ssv log_block_size 31", "block"},
        {"many_inodes", "ssv inodes_count 4294967295", "inodes"},
    };
}

class HostileFilesystems : public UnpackTest, public ::testing::WithParamInterface<HostileExt4> {};

TEST_P(HostileFilesystems, is_refused) {
    make_source();
    make_ext4("bad.raw", "-t ext4 -O ^metadata_csum,^dir_index");
    if (GetParam().name == "name_with_a_slash") {
        // No tool makes such a name.
        shell("LC_ALL=C sed -i 's|shadow-|sha/ow-|g' bad.raw");
    } else {
        files.write("commands", GetParam().commands + "\n");
        shell("debugfs -w -f commands bad.raw 2>&1");
    }
    EXPECT_THAT(refusal("bad.raw"), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(All,
                         HostileFilesystems,
                         ::testing::ValuesIn(hostile_filesystems()),
                         name_of<HostileExt4>);

TEST_F(UnpackTest, a_block_map_that_names_one_block_without_end_is_refused) {
    make_source();
    make_ext4("bad.raw", "-t ext3 -b 1024");
    files.write("page", std::string(1024, 'x'));
    // An indirect block of any level, whose entries are all itself.
    shell("debugfs -w -R 'write page evil' bad.raw && at=$(debugfs -R 'bmap /evil 0' bad.raw) && "
          "python3 -c 'import struct, sys; "
          "sys.stdout.buffer.write(struct.pack(\"<I\", int(sys.argv[1])) * 256)' $at | "
          "dd of=bad.raw bs=1024 seek=$at conv=notrunc && "
          "debugfs -w -R \"sif /evil block[TIND] $at\" bad.raw && "
          "debugfs -w -R 'sif /evil size 17000000000' bad.raw");
    EXPECT_THAT(refusal("bad.raw"), HasSubstr("more blocks than the filesystem"));
}

TEST_F(UnpackTest, a_flipped_bit_in_the_metadata_of_ext4_is_refused) {
    make_source();
    make_ext4("bad.raw", "-t ext4 -O metadata_csum");
    shell("LC_ALL=C sed -i 's|shadow-|shadow_|g' bad.raw");
    EXPECT_THAT(refusal("bad.raw"), HasSubstr("checksum"));
}

} // namespace
} // namespace kiln::tests
