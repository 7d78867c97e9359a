#include "user_namespace_fixture.hpp"

#include <cstdlib>
#include <filesystem>

namespace kiln::tests {
namespace {

using ::testing::HasSubstr;

bool has_kernel() {
    for (const auto& entry : std::filesystem::directory_iterator("/boot")) {
        if (entry.path().filename().string().starts_with("vmlinuz")) {
            return true;
        }
    }
    return false;
}

/// The real appliance of libguestfs: half a minute each under software emulation.
template <typename Fixture>
class WithAppliance : public Fixture {
protected:
    using Fixture::files;
    using Fixture::shell;

    void SetUp() override {
        Fixture::SetUp();
        if (!Fixture::IsSkipped() && !has_kernel()) {
            GTEST_SKIP() << "libguestfs finds no kernel in /boot";
        }
    }

    void make_btrfs() {
        shell("truncate -s 128M disk.raw; mkfs.btrfs -q --rootdir source disk.raw");
    }

    /// A small source, and a disk with it as xfs in a partition.
    void make_xfs() {
        files.write("os-release", "ID=test\n");
        files.write("proto",
                    "/dev/null\n0 0\nd--755 0 0\n"
                    "etc d--755 0 0\n"
                    "os-release ---644 0 0 " +
                        (files / "os-release") +
                        "\nmtab l--777 0 0 ../proc/mounts\n$\n"
                        "usr d--750 3 42\npipe p--600 1 2\n$\n$\n");
        shell("mkdir -p source/etc source/usr; cp os-release source/etc\n"
              "ln -s ../proc/mounts source/etc/mtab; mkfifo -m 600 source/usr/pipe\n"
              "chown 1:2 source/usr/pipe; chmod 750 source/usr; chown 3:42 source/usr\n"
              "truncate -s 320M xfs.raw; mkfs.xfs -q -p proto xfs.raw\n"
              "truncate -s 330M disk.raw; echo 'size=320MiB' | sfdisk -q -X gpt disk.raw\n"
              "dd if=xfs.raw of=disk.raw bs=1M seek=1 conv=notrunc,sparse status=none\n");
    }
};

using Appliance = WithAppliance<UnpackTest>;

class ApplianceInUserNamespace : public WithAppliance<UnpackInUserNamespace> {
protected:
    /// The tree must be, with the ids of the namespace, what the source is outside.
    void expect_same_inside(const std::string& image, Times times) {
        const auto wanted = snapshot(files / "source", times);
        shell("mkdir -p kept; chown 100000:100000 kept");
        inside([&] {
            EXPECT_EQ(unpack(image, {.appliance_cache = files / "kept"}).how, "the appliance");
            shell("touch -d @1700000000 target"); // mkfs.btrfs dates the root itself
            expect_tree(wanted, times);
        });
    }
};

TEST_F(Appliance, gives_the_same_ext4_tree_as_user_space) {
    make_source();
    make_ext4();
    // Times that only ext4 itself, not mke2fs, can have.
    shell("debugfs -w -R 'sif /etc/shadow mtime_extra 123456788' ext4.raw 2>/dev/null\n"
          "debugfs -w -R 'sif /srv/hole mtime 0xf0000000' ext4.raw 2>/dev/null\n"
          "debugfs -w -R 'sif /srv/hole mtime_extra 1' ext4.raw 2>/dev/null\n");
    EXPECT_EQ(unpack("ext4.raw").how, "ext4 in user space");
    shell("mv target user-space; mkdir target");
    EXPECT_EQ(unpack("ext4.raw", {.method = base::UnpackMethod::appliance}).how, "the appliance");
    expect_same_tree("user-space", Times::exact);
}

TEST_F(Appliance, replays_the_journal_of_an_ext4_that_was_in_use) {
    make_source();
    make_ext4();
    shell("debugfs -w -R 'feature needs_recovery' ext4.raw 2>/dev/null; sha256sum ext4.raw >sum");
    EXPECT_EQ(unpack("ext4.raw").how, "the appliance");
    expect_same_tree();
    shell("sha256sum --quiet -c sum");
}

TEST_F(Appliance, gives_the_tree_of_btrfs) {
    make_source();
    make_btrfs();
    EXPECT_EQ(unpack("disk.raw").how, "the appliance");
    shell("touch -d @1700000000 target"); // mkfs.btrfs dates the root itself
    expect_same_tree();
}

TEST_F(Appliance, gives_the_tree_of_xfs_in_a_partition) {
    make_xfs();
    EXPECT_EQ(unpack("disk.raw").how, "the appliance");
    expect_same_tree("source", Times::ignored);
}

TEST_F(Appliance, refuses_a_device_in_the_tree_of_btrfs) {
    shell("mkdir -p source/etc; touch source/etc/os-release; mknod source/etc/mem c 1 1\n"
          "truncate -s 128M disk.raw; mkfs.btrfs -q --rootdir source disk.raw");
    EXPECT_THAT(refusal("disk.raw"), HasSubstr("'etc/mem' of the image is refused"));
}

TEST_F(Appliance, tells_what_it_cannot_mount) {
    files.write("disk.raw", "XFSB" + std::string(2000000, 'x'));
    EXPECT_THAT(refusal("disk.raw"), HasSubstr("the appliance finds no root filesystem"));
}

TEST_F(ApplianceInUserNamespace, gives_the_tree_of_btrfs) {
    make_source();
    make_btrfs();
    expect_same_inside("disk.raw", Times::exact);
    EXPECT_EQ(shell("ls target/../kept | wc -l"), "2\n"); // the appliance and its lock
}

TEST_F(ApplianceInUserNamespace, gives_the_tree_of_xfs) {
    make_xfs();
    expect_same_inside("disk.raw", Times::ignored);
}

TEST_F(ApplianceInUserNamespace, replays_the_journal_of_an_ext4_that_was_in_use) {
    make_source();
    make_ext4();
    shell("debugfs -w -R 'feature needs_recovery' ext4.raw 2>/dev/null");
    expect_same_inside("ext4.raw", Times::exact);
}

} // namespace
} // namespace kiln::tests
