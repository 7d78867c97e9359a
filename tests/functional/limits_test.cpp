#include "build_watch.hpp"
#include "image_tree.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using testing::ContainsRegex;
using testing::HasSubstr;

/// Runs a build of the workspace's user after a shell command in a private mount namespace of root.
Finished build_after(const Workspace& space,
                     const std::string& command,
                     const std::vector<std::string>& arguments) {
    Program program = space.program({"build", "-n", "-o", "image"});
    std::string user;
    if (program.account) {
        user = "setpriv --reuid " + std::to_string(program.account->uid) + " --regid " +
               std::to_string(program.account->gid) + " --clear-groups ";
    }
    program.account.reset();
    std::vector<std::string> words = {"unshare",
                                      "--mount",
                                      "/bin/bash",
                                      "-c",
                                      "set -e; " + command + "\nexec " + user + "\"$@\"",
                                      "kiln-functional"};
    words.insert(words.end(), program.argv.begin(), program.argv.end());
    words.insert(words.end(), arguments.begin(), arguments.end());
    program.argv = words;
    return Running(program).wait(seconds(90));
}

std::string small_tmpfs(const std::string& place, const std::string& size) {
    return "mount -t tmpfs -o mode=1777,size=" + size + " small '" + place + "'";
}

class NeedsRoot : public testing::Test {
protected:
    void SetUp() override {
        const std::string reason = reason_without_root();
        if (!reason.empty()) {
            GTEST_SKIP() << reason;
        }
    }
};

using FullDisk = NeedsRoot;

TEST_F(FullDisk, OfTheWorkFolderIsTold) {
    Workspace space;
    const Finished result =
        build_after(space, small_tmpfs(space / "cache", "20m"), {"-t", "raw", "fake-os"});
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_THAT(result.err, ContainsRegex("disk full|No space left"));
    EXPECT_THAT(result.err, ContainsRegex("hint: .*--work-dir"));
    EXPECT_TRUE(space.list("out").empty());
}

TEST_F(FullDisk, WhileTheDiskIsWrittenIsTold) {
    Workspace space;
    const Finished result = build_after(space,
                                        small_tmpfs(space / "cache", "60m"),
                                        {"-t", "raw", "--env", "FAKE_OS_MEGABYTES=40", "fake-os"});
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_THAT(result.err, ContainsRegex("disk full|No space left"));
    EXPECT_THAT(result.err, HasSubstr("hint: "));
}

TEST_F(FullDisk, OfTheOutputIsTold) {
    for (const char* format : {"raw", "qcow2"}) {
        Workspace space;
        const Finished result =
            build_after(space,
                        small_tmpfs(space / "out", "4m") + "; cd '" + space / "out" + "'",
                        {"-t", format, "fake-os"});
        EXPECT_EQ(result.exit_code, 1) << format << result.err;
        EXPECT_THAT(result.err, ContainsRegex("disk full.*" + (space / "out"))) << format;
        EXPECT_THAT(result.err, ContainsRegex("hint: make room there")) << format;
        expect_nothing_lies_around(space);
    }
}

TEST(TooSmall, AnImageTellsWhatItNeeds) {
    Workspace space;
    const Finished result =
        space.build({"--image-size", "0.03", "--env", "FAKE_OS_MEGABYTES=40", "fake-os"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err,
                ContainsRegex("too small for its content: at least [0-9.]+ MiB are needed, "
                              "[0-9.]+ MiB are given"));
    EXPECT_THAT(result.err, ContainsRegex("hint: .*--image-size"));
    EXPECT_TRUE(space.list("out").empty());
}

TEST(UnwritableOutput, IsRefusedBeforeTheBuild) {
    Workspace space;
    const Finished result = space.build({"-o", "/proc/nowhere/image", "fake-os"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("the output folder '/proc/nowhere' cannot be written"));
    EXPECT_THAT(result.err, HasSubstr("hint: choose another place with -o"));
}

TEST(UnwritableOutput, OfAFolderOfSomebodyElseIsRefused) {
    if (!reason_to_skip(User::plain).empty()) {
        GTEST_SKIP() << reason_to_skip(User::plain);
    }
    Workspace space(User::plain);
    const Finished result = space.build({"-o", "/etc/image", "fake-os"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("the output folder '/etc' cannot be written"));
}

TEST(UnwritableOutput, ThatIsAFolderIsTold) {
    Workspace space;
    fs::create_directories(space / "out/image.raw/x");
    const Finished result = space.build({"fake-os"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, ContainsRegex("image.raw' is a folder"));
}

TEST(UnwritableCache, IsTold) {
    Workspace space;
    space.environment["XDG_CACHE_HOME"] = "/proc/nowhere";
    const Finished result = space.build({"fake-os"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("cannot write the cache '/proc/nowhere/kiln/"));
    EXPECT_THAT(result.err, HasSubstr("hint: choose another place with --image-cache"));
    const Finished without = space.build({"--no-cache", "fake-os"});
    EXPECT_EQ(without.exit_code, 1);
    EXPECT_THAT(without.err,
                HasSubstr("the work folder '/proc/nowhere/kiln/builds' cannot be written"));
    EXPECT_THAT(without.err, HasSubstr("hint: choose another place with --work-dir"));
}

/// A program of the host disappears; kiln looks in the usual places even if PATH lacks them.
std::string hide_tool(const std::string& name) {
    return "mount --bind /dev/null \"$(readlink -f \"$(command -v " + name + ")\")\"";
}

using MissingTool = NeedsRoot;

TEST_F(MissingTool, IsNamedWithItsPackage) {
    const std::vector<std::pair<std::string, std::string>> tools = {{"qemu-img", "qemu-utils"},
                                                                    {"mke2fs", "e2fsprogs"}};
    for (const auto& [tool, package] : tools) {
        Workspace space;
        const Finished result = build_after(space, hide_tool(tool), {"-t", "vhd", "fake-os"});
        EXPECT_EQ(result.exit_code, 4) << result.err;
        EXPECT_THAT(result.err, HasSubstr("missing tool '" + tool + "'"));
        EXPECT_THAT(result.err, ContainsRegex("hint: .*apt-get install .*" + package));
        EXPECT_TRUE(space.list("cache/kiln/builds").empty());
    }
}

TEST_F(MissingTool, ThatThisBuildDoesNotNeedIsNotMissed) {
    Workspace space;
    const Finished result =
        build_after(space, hide_tool("qemu-img"), {"-t", "raw,qcow2", "fake-os"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
}

using ClosedSandbox = NeedsRoot;

TEST_F(ClosedSandbox, WithoutSubordinateIdsIsTold) {
    if (!reason_to_skip(User::plain).empty()) {
        GTEST_SKIP() << reason_to_skip(User::plain);
    }
    for (const char* file : {"/etc/subuid", "/etc/subgid"}) {
        Workspace space(User::plain);
        const Finished result =
            build_after(space, std::string("mount --bind /dev/null ") + file, {"fake-os"});
        EXPECT_EQ(result.exit_code, 4) << result.err;
        EXPECT_THAT(result.err,
                    HasSubstr(std::string("has no 65536 subordinate ids in '") + file + "'"));
        EXPECT_THAT(result.err, ContainsRegex("hint: sudo usermod --add-subuids"));
        EXPECT_TRUE(space.list("cache/kiln/builds").empty());
    }
}

TEST_F(ClosedSandbox, WithoutUserNamespacesIsTold) {
    if (!reason_to_skip(User::plain).empty()) {
        GTEST_SKIP() << reason_to_skip(User::plain);
    }
    Workspace space(User::plain);
    Program program = space.program({"build", "-n", "fake-os"});
    // In a user namespace of its own that permits no further one.
    std::vector<std::string> words = {"unshare",
                                      "--user",
                                      "--map-current-user",
                                      "--keep-caps",
                                      "/bin/bash",
                                      "-c",
                                      "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"",
                                      "kiln-functional"};
    words.insert(words.end(), program.argv.begin(), program.argv.end());
    program.argv = words;
    const Finished result = Running(program).wait(seconds(30));
    EXPECT_EQ(result.exit_code, 4) << result.err;
    EXPECT_THAT(result.err, HasSubstr("cannot make namespaces"));
    EXPECT_THAT(result.err, HasSubstr("max_user_namespaces"));
    expect_nothing_lies_around(space);
}

class HostileTree : public AsUser {
protected:
    /// A file outside that a tree points to.
    static std::string outside(Workspace& space) {
        return space.write("outside/kept", "untouched");
    }

    static void expect_untouched(const Workspace& space) {
        EXPECT_EQ(space.read("outside/kept"), "untouched");
        EXPECT_EQ(util::join(space.list("outside"), " "), "kept");
    }
};

INSTANTIATE_TEST_SUITE_P(As, HostileTree, testing::Values(User::root, User::plain), user_name);

TEST_P(HostileTree, WithEtcAsALinkToTheHostTouchesNothing) {
    Workspace space(GetParam());
    outside(space);
    space.hook("evil",
               "root.d/50-evil",
               "rm -rf $TARGET_ROOT/etc; ln -s '" + space / "outside" + "' $TARGET_ROOT/etc");
    space.hook("evil", "install.d/50-evil", "echo ran");
    static_cast<void>(space.build({"fake-os", "evil"}));
    expect_untouched(space);
}

TEST_P(HostileTree, WithFilesAsLinksToTheHostTouchesNothing) {
    for (const char* file : {"etc/resolv.conf", "etc/fstab", "var/log/messages", "root/x.log"}) {
        Workspace space(GetParam());
        const std::string kept = outside(space);
        space.hook("evil",
                   "root.d/50-evil",
                   "rm -f $TARGET_ROOT/" + std::string(file) + "; ln -s '" + kept +
                       "' $TARGET_ROOT/" + file);
        space.hook("evil", "install.d/50-evil", "echo ran");
        static_cast<void>(space.build({"fake-os", "evil"}));
        expect_untouched(space);
    }
}

TEST_P(HostileTree, WithMountPointsAsLinksToTheHostTouchesNothing) {
    for (const char* folder : {"tmp", "dev", "proc", "sys", "run", "var/log", "root", "boot"}) {
        Workspace space(GetParam());
        outside(space);
        space.hook("evil",
                   "root.d/50-evil",
                   "rm -rf $TARGET_ROOT/" + std::string(folder) + "; ln -s '" + space / "outside" +
                       "' $TARGET_ROOT/" + folder);
        space.hook("evil", "install.d/50-evil", "echo ran");
        static_cast<void>(space.build({"fake-os", "evil", "block-device-gpt"}));
        expect_untouched(space);
    }
}

} // namespace
} // namespace kiln::tests
