#include "private_mounts.hpp"
#include "sandbox/chroot.hpp"
#include "sandbox/hook_process.hpp"
#include "util/root_dir.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>

namespace kiln::tests {
namespace {

using sandbox::enter_chroot;
using sandbox::ResolvConfPlace;
using ::testing::Contains;
using ::testing::ElementsAre;

namespace fs = std::filesystem;

class ResolvConfTest : public ::testing::Test {
protected:
    void SetUp() override { files.directory("tree/etc"); }

    void make_and_remove() const {
        const util::RootDir tree(files / "tree");
        const ResolvConfPlace place(tree);
        EXPECT_TRUE(tree.exists("etc/resolv.conf"));
        place.remove_if_ours(tree);
    }

    TestFiles files{};
};

TEST_F(ResolvConfTest, IsMadeOnlyForTheHook) {
    make_and_remove();
    EXPECT_FALSE(files.has("tree/etc/resolv.conf"));
}

TEST_F(ResolvConfTest, OfTheTreeStays) {
    files.write("tree/etc/resolv.conf", "");
    make_and_remove();
    EXPECT_TRUE(files.has("tree/etc/resolv.conf"));
}

TEST_F(ResolvConfTest, IsMadeWhereItsLinkLeads) {
    files.link("../run/systemd/resolve/stub-resolv.conf", "tree/etc/resolv.conf");
    make_and_remove();
    EXPECT_EQ(fs::read_symlink(files / "tree/etc/resolv.conf"),
              "../run/systemd/resolve/stub-resolv.conf");
    EXPECT_FALSE(files.has("tree/run/systemd/resolve/stub-resolv.conf"));
}

TEST_F(ResolvConfTest, NeverLiesOutsideOfTheTree) {
    files.link("../../../outside", "tree/etc/resolv.conf");
    const util::RootDir tree(files / "tree");
    const ResolvConfPlace place(tree);
    EXPECT_FALSE(files.has("outside"));
    EXPECT_TRUE(files.has("tree/outside"));
}

TEST_F(ResolvConfTest, ThatAHookFilledStays) {
    const util::RootDir tree(files / "tree");
    const ResolvConfPlace place(tree);
    tree.write("etc/resolv.conf", "nameserver 192.0.2.1\n");
    place.remove_if_ours(tree);
    EXPECT_TRUE(files.has("tree/etc/resolv.conf"));
}

class ChrootTest : public PrivateMountsTest {
protected:
    void SetUp() override {
        PrivateMountsTest::SetUp();
        files.directory("tree/etc");
        files.directory("hooks/install.d");
        files.write("resolv.conf", "nameserver 192.0.2.7\n");
    }

    void enter() const {
        enter_chroot({.root = files / "tree",
                      .hooks = files / "hooks",
                      .resolv_conf = files / "resolv.conf"});
    }
};

TEST_F(ChrootTest, HasProcDevSysAndTheHooks) {
    inside([&] {
        enter();
        EXPECT_TRUE(fs::exists("/proc/self/status"));
        EXPECT_TRUE(fs::exists("/sys/kernel"));
        EXPECT_TRUE(fs::exists("/tmp/in_target.d/install.d"));
        struct stat null = {};
        ASSERT_EQ(::stat("/dev/null", &null), 0);
        EXPECT_EQ(null.st_rdev, makedev(1, 3));
        EXPECT_FALSE(fs::exists(files.path()));
    });
}

TEST_F(ChrootTest, MakesAFolderForTemporaryFilesThatAllMayUse) {
    inside([&] {
        enter();
        EXPECT_EQ(fs::status("/tmp").permissions(), fs::perms(01777));
    });
}

TEST_F(ChrootTest, ShowsHooksAndSysReadOnly) {
    inside([&] {
        enter();
        EXPECT_NE(::mkdir("/tmp/in_target.d/new", 0755), 0);
        EXPECT_EQ(errno, EROFS);
        EXPECT_NE(::access("/sys/kernel/uevent_helper", W_OK), 0);
    });
}

TEST_F(ChrootTest, BindsResolvConfOnlyWhereTheTreeHasOne) {
    inside([&] {
        enter();
        EXPECT_FALSE(fs::exists("/etc/resolv.conf"));
    });
    files.write("tree/etc/resolv.conf", "");
    inside([&] {
        enter();
        EXPECT_EQ(util::read_file("/etc/resolv.conf"), "nameserver 192.0.2.7\n");
    });
    EXPECT_EQ(files.read("tree/etc/resolv.conf"), "");
}

TEST_F(ChrootTest, ReplacesLinksThatStandWhereItMounts) {
    files.directory("outside");
    for (const char* name : {"proc", "sys", "dev", "tmp"}) {
        files.link("../../../../../../outside", std::string("tree/") + name);
    }
    inside([&] { enter(); });
    EXPECT_TRUE(fs::is_empty(files / "outside"));
    EXPECT_TRUE(fs::is_directory(fs::symlink_status(files / "tree/dev")));
}

TEST_F(ChrootTest, PutsShimsOverFilesThatTheTreeHas) {
    files.write("tree/usr/sbin/grub-install", "real");
    files.write("shim", "shim");
    inside([&] {
        enter_chroot({.root = files / "tree",
                      .hooks = files / "hooks",
                      .resolv_conf = "",
                      .shims = {{files / "shim", "usr/sbin/grub-install"},
                                {files / "shim", "usr/sbin/grub-probe"}}});
        EXPECT_EQ(util::read_file("/usr/sbin/grub-install"), "shim");
        EXPECT_FALSE(fs::exists("/usr/sbin/grub-probe"));
    });
    EXPECT_EQ(files.read("tree/usr/sbin/grub-install"), "real");
}

} // namespace
} // namespace kiln::tests
