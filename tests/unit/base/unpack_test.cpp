#include "base/unpack_kind.hpp"
#include "process/tools/sqfs2tar.hpp"
#include "unpack_fixture.hpp"

namespace kiln::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Unpack : public UnpackTest {
protected:
    void SetUp() override {
        UnpackTest::SetUp();
        if (!IsSkipped()) {
            make_source();
        }
    }
};

TEST_F(Unpack, gives_the_tree_of_an_ext4_filesystem) {
    make_ext4();
    const base::UnpackResult result = unpack("ext4.raw");
    EXPECT_EQ(result.how, "ext4 in user space");
    EXPECT_GT(result.bytes, 70000U);
    EXPECT_GT(result.entries, 12U);
    expect_same_tree();
}

TEST_F(Unpack, gives_the_tree_of_old_and_of_unusual_filesystems) {
    for (const char* options : {"-t ext2 -I 128",
                                "-t ext3 -b 1024",
                                "-t ext4 -O 64bit,metadata_csum,^dir_index -b 4096",
                                "-t ext4 -O bigalloc -C 16384"}) {
        make_ext4("odd.raw", options);
        unpack("odd.raw");
        expect_same_tree();
        shell("rm -r target odd.raw; mkdir target");
    }
}

TEST_F(Unpack, keeps_holes) {
    make_ext4();
    unpack("ext4.raw");

    struct stat status {};

    ASSERT_EQ(::stat((files / "target/srv/hole").c_str(), &status), 0);
    EXPECT_EQ(status.st_size, 3 * 1024 * 1024);
    EXPECT_LE(status.st_blocks, 16);
}

TEST_F(Unpack, takes_the_root_out_of_a_qcow2) {
    make_ext4();
    for (const char* options : {"compat=1.1,compression_type=zstd", "compat=0.10"}) {
        shell(std::string("qemu-img convert -c -f raw -O qcow2 -o ") + options +
              " ext4.raw disk.qcow2");
        unpack("disk.qcow2");
        expect_same_tree();
        shell("rm -r target; mkdir target");
    }
}

TEST_F(Unpack, finds_the_root_among_partitions) {
    make_ext4();
    shell("mkdir boot; echo x >boot/vmlinuz\n"
          "mke2fs -q -t ext4 -L BOOT -d boot boot.raw 8M\n"
          "truncate -s 40M disk.raw\n"
          "printf 'label:gpt\\nsize=8MiB,start=1MiB\\nsize=16MiB\\n' | sfdisk -q disk.raw\n"
          "dd if=boot.raw of=disk.raw bs=1M seek=1 conv=notrunc status=none\n"
          "dd if=ext4.raw of=disk.raw bs=1M seek=9 conv=notrunc status=none\n");
    unpack("disk.raw");
    expect_same_tree();
}

TEST_F(Unpack, gives_the_tree_of_a_tar_however_it_is_packed) {
    for (const char* how : {"", "--gzip", "--bzip2", "--xz", "--zstd"}) {
        shell(std::string("tar -cf root.tar ") + how +
              " --xattrs --xattrs-include='*' --acls --sparse --numeric-owner -C source .");
        EXPECT_EQ(unpack("root.tar").how, "tar");
        expect_same_tree();
        shell("rm -r target; mkdir target");
    }
}

TEST_F(Unpack, takes_the_disk_that_a_tar_holds) {
    make_ext4();
    shell("mv ext4.raw disk.raw; tar -cJf cloud.tar.xz disk.raw");
    EXPECT_EQ(unpack("cloud.tar.xz").how, "ext4 in user space");
    expect_same_tree();
}

TEST_F(Unpack, refuses_a_tar_of_a_disk_and_more) {
    make_ext4();
    shell("mv ext4.raw disk.raw; tar -cf two.tar disk.raw -C source etc");
    EXPECT_THAT(refusal("two.tar"), HasSubstr("holds a disk image and 'etc/'"));
}

TEST_F(Unpack, gives_the_tree_of_a_squashfs) {
    if (!process::find_program("sqfs2tar", process::tool_environment()) ||
        !process::find_program("mksquashfs", process::tool_environment())) {
        GTEST_SKIP() << "squashfs-tools or squashfs-tools-ng is not installed";
    }
    // The format has no ACLs.
    shell("setfacl -bR source; find source -exec touch -hd @1700000000 {} +\n"
          "mksquashfs source root.squashfs -quiet -no-progress >/dev/null");
    EXPECT_EQ(unpack("root.squashfs").how, "squashfs");
    expect_same_tree();
}

TEST_F(Unpack, refuses_a_squashfs_that_is_cut_off) {
    shell("mksquashfs source root.squashfs -quiet -no-progress >/dev/null; truncate -s 700 "
          "root.squashfs");
    EXPECT_THAT(refusal("root.squashfs"), HasSubstr("cannot read"));
}

TEST_F(Unpack, leaves_nothing_beside_the_target) {
    make_ext4();
    shell("qemu-img convert -f raw -O qcow2 ext4.raw disk.qcow2; tar -cf disk.tar ext4.raw");
    const auto names = [this] { return shell("ls -A"); };
    const std::string before = names();
    unpack("disk.qcow2");
    unpack("disk.tar");
    EXPECT_EQ(names(), before);
}

TEST_F(Unpack, leaves_out_devices_in_dev_and_lost_found) {
    shell("mkdir source/dev; mknod source/dev/null c 1 3; mkdir source/dev/pts");
    make_ext4();
    unpack("ext4.raw");
    EXPECT_TRUE(files.has("target/dev/pts"));
    EXPECT_FALSE(files.has("target/dev/null"));
    EXPECT_FALSE(files.has("target/lost+found"));
}

TEST_F(Unpack, never_opens_a_qcow2_that_was_called_raw) {
    make_ext4();
    shell("qemu-img convert -f raw -O qcow2 ext4.raw disk.qcow2");
    EXPECT_THAT(refusal("disk.qcow2", {.kind = base::ImageKind::raw}),
                HasSubstr("no root filesystem"));
}

TEST_F(Unpack, leaves_attributes_of_other_systems_out) {
    shell("setfattr -n user.overlay.opaque -v y source/srv; "
          "setfattr -n trusted.thing -v y source/etc");
    make_ext4();
    unpack("ext4.raw");
    EXPECT_THAT(attributes_of(files / "target/srv"), IsEmpty());
    EXPECT_THAT(attributes_of(files / "target/etc"), IsEmpty());
}

TEST(KindOf, goes_by_the_first_bytes) {
    using base::ImageKind;
    const auto at = [](std::size_t place, const std::string& text) {
        return std::string(place, '\0') + text + std::string(600, '\0');
    };
    EXPECT_EQ(base::kind_of(at(0, "QFI\xfb")), ImageKind::qcow2);
    EXPECT_EQ(base::kind_of(at(0, "hsqs")), ImageKind::squashfs);
    EXPECT_EQ(base::kind_of(at(0,
                               "\xfd"
                               "7zX.")),
              ImageKind::raw);
    EXPECT_EQ(base::kind_of(at(0,
                               std::string("\xfd"
                                           "7zXZ\0",
                                           6))),
              ImageKind::tar);
    EXPECT_EQ(base::kind_of(at(0, "\x1f\x8b")), ImageKind::tar);
    EXPECT_EQ(base::kind_of(at(0, "\x28\xb5\x2f\xfd")), ImageKind::tar);
    EXPECT_EQ(base::kind_of(at(257, "ustar")), ImageKind::tar);
    EXPECT_EQ(base::kind_of(at(510, "\x55\xaa")), ImageKind::raw);
    EXPECT_EQ(base::kind_of(""), ImageKind::raw);
}

TEST(Sqfs2tar, writes_the_whole_tree) {
    EXPECT_EQ(process::sqfs2tar_command("/x.squashfs").argv,
              (std::vector<std::string>{"sqfs2tar", "--root-becomes", ".", "/x.squashfs"}));
}

} // namespace
} // namespace kiln::tests
