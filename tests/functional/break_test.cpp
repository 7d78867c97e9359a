#include "image_tree.hpp"
#include "util/text.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class BreakPoint : public AsUser {};

INSTANTIATE_TEST_SUITE_P(As, BreakPoint, testing::Values(User::root, User::plain), user_name);

TEST_P(BreakPoint, RunsItsCommandInTheVerySandbox) {
    Workspace space(GetParam());
    space.hook("e", "install.d/50-e", "echo made-by-the-hook > /made");
    space.environment["break_cmd"] = "id -u > /seen; cat /made >> /seen; test -d /tmp/in_target.d";
    space.must_build({"--break", "after-install", "fake-os", "e"});
    EXPECT_EQ(read_from_image(space / "out/image.raw", "/seen"), "0\nmade-by-the-hook\n");
}

TEST_P(BreakPoint, StandsBeforeOrAfterOneHook) {
    Workspace space(GetParam());
    space.hook("e", "install.d/10-first", "echo first >> /order");
    space.hook("e", "install.d/20-second", "echo second >> /order");
    space.environment["break"] = "before-install/20-second,after-install.d/20-second";
    space.must_build({"--break-cmd", "echo break >> /order", "fake-os", "e"});
    EXPECT_EQ(read_from_image(space / "out/image.raw", "/order"), "first\nbreak\nsecond\nbreak\n");
}

TEST_P(BreakPoint, IsReachedInAPhaseWithoutHooks) {
    Workspace space(GetParam());
    space.must_build(
        {"--break", "before-post-install", "--break-cmd", "echo here > /seen", "fake-os"});
    EXPECT_EQ(read_from_image(space / "out/image.raw", "/seen"), "here\n");
}

TEST_P(BreakPoint, AtAHookThatIsNotThereGivesAWarning) {
    Workspace space(GetParam());
    space.hook("e", "install.d/50-nginx", "true");
    const Finished result =
        space.build({"--break", "after-install/50-ngnix", "--break-cmd", "false", "fake-os", "e"});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.err, HasSubstr("'after-install/50-ngnix' is never reached"));
    EXPECT_THAT(result.err, HasSubstr("did you mean '50-nginx'?"));
}

TEST_P(BreakPoint, CanStopTheBuild) {
    Workspace space(GetParam());
    const Finished result =
        space.build({"--break", "before-install", "--break-cmd", "exit 77", "fake-os"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("the build was stopped at break point install"));
    EXPECT_TRUE(space.list("out").empty());
}

TEST_P(BreakPoint, AfterAnErrorSeesWhatTheHookLeft) {
    Workspace space(GetParam());
    space.hook("broken", "install.d/50-broken", "echo half-done > /half\nexit 4");
    const Finished result = space.build({"--break",
                                         "after-error",
                                         "--break-cmd",
                                         "cat /half; echo $KILN_BREAK_ERROR",
                                         "fake-os",
                                         "broken"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("    | half-done"));
    EXPECT_THAT(result.err, HasSubstr("    | hook '50-broken' failed with exit code 4"));
}

/// As the peer's own tests ask for it.
TEST_P(BreakPoint, OutsideTheTargetSeesTheTreeFromTheHost) {
    Workspace space(GetParam());
    space.write("out/.keep", "");
    space.hook("broken", "install.d/50-broken", "touch /tmp/marker\nexit 1");
    space.environment["break"] = "after-error";
    space.environment["break_outside_target"] = "1";
    space.environment["break_cmd"] =
        "cp $TMP_MOUNT_PATH/tmp/marker " + (space / "out/marker") + "; ls -d /tmp/in_target.d";
    EXPECT_EQ(space.build({"fake-os", "broken"}).exit_code, 3);
    EXPECT_TRUE(space.has("out/marker"));
}

TEST_P(BreakPoint, TriesAMendedHookAgain) {
    Workspace space(GetParam());
    space.hook("broken", "install.d/50-broken", "echo try >> /tries\nexit 4");
    // What a person would do in an editor: the hook is read anew from its element.
    space.write("mended", "#!/bin/bash\nset -eu\necho again >> /tries\n", 0755);
    space.environment["break_outside_target"] = "1";
    const std::string mend = "cat " + (space / "mended") + " > " +
                             (space / "elements/broken/install.d/50-broken") + "; exit 75";
    space.must_build({"--break", "after-error", "--break-cmd", mend, "fake-os", "broken"});
    EXPECT_EQ(read_from_image(space / "out/image.raw", "/tries"), "try\nagain\n");
}

TEST_P(BreakPoint, TriesAHookAgainOnTheTreeAsItWas) {
    Workspace space(GetParam());
    space.hook("broken",
               "install.d/50-broken",
               "test ! -e /half\ntouch /half\ntest -e /tmp/in_target.d/mended");
    space.environment["break_outside_target"] = "1";
    space.must_build({"--break",
                      "after-error",
                      "--break-cmd",
                      "touch $TMP_HOOKS_PATH/mended; exit 76",
                      "fake-os",
                      "broken"});
    EXPECT_TRUE(read_from_image(space / "out/image.raw", "/half").has_value());
}

/// script(1) is the terminal; what is typed too early waits in it.
TEST_P(BreakPoint, OpensAShellOnATerminal) {
    Workspace space(GetParam());
    space.hook("broken", "install.d/50-broken", "test -e /fix");
    Program program = space.program({"build",
                                     "-n",
                                     "-o",
                                     space / "out/image",
                                     "-t",
                                     "raw",
                                     "--env",
                                     "FAKE_OS_MEGABYTES=1",
                                     "--on-error=shell",
                                     "fake-os",
                                     "broken"});
    std::string line;
    for (const std::string& word : program.argv) {
        line += util::shell_quote(word) + " ";
    }
    program.argv = {"/bin/bash",
                    "-c",
                    "{ echo 'touch /fix; retry'; sleep 8; } | script -qec " +
                        util::shell_quote(line) + " /dev/null"};
    const Finished result = Running(program).wait(std::chrono::seconds(60));
    EXPECT_EQ(result.exit_code, 0) << result.out;
    EXPECT_THAT(result.out, HasSubstr("kiln install/50-broken"));
    EXPECT_THAT(result.out, Not(HasSubstr("job control")));
    EXPECT_TRUE(read_from_image(space / "out/image.raw", "/fix").has_value());
}

TEST(BreakPoints, WithAShellNeedATerminal) {
    Workspace space;
    const Finished result = space.build({"--break", "before-install", "fake-os"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("needs a terminal"));
    EXPECT_THAT(result.err, HasSubstr("--break-cmd"));
}

TEST(BreakPoints, ThatNameNoPlaceAreRefused) {
    Workspace space;
    const Finished result = space.build({"--break", "before-instal", "fake-os"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("unknown break point 'before-instal'"));
    EXPECT_THAT(result.err, HasSubstr("before-install"));
}

class LeftMount : public AsUser {};

INSTANTIATE_TEST_SUITE_P(As, LeftMount, testing::Values(User::root, User::plain), user_name);

TEST_P(LeftMount, OfAHostHookIsThereForLaterHooks) {
    Workspace space(GetParam());
    space.hook("cache",
               "root.d/60-cache",
               "mkdir -p $TMP_BUILD_DIR/cache $TARGET_ROOT/var/cache\n"
               "echo kept > $TMP_BUILD_DIR/cache/package\n"
               "sudo mount --bind $TMP_BUILD_DIR/cache $TARGET_ROOT/var/cache");
    space.hook("cache", "extra-data.d/50-cache", "cat $TMP_MOUNT_PATH/var/cache/package");
    space.hook(
        "cache", "install.d/50-cache", "cat /var/cache/package; echo more > /var/cache/more");
    space.hook(
        "cache", "post-root.d/50-cache", "ls $TMP_MOUNT_PATH/var/cache | tr '\\n' ' '; echo");
    space.must_build({"fake-os", "cache"});
    EXPECT_THAT(space.hook_output(), ElementsAre("kept", "kept", "more package "));
    const Tree image = read_image(space / "out/image.raw");
    EXPECT_EQ(image.count("/var/cache"), 1U);
    EXPECT_EQ(image.count("/var/cache/package"), 0U);
}

TEST_P(LeftMount, GoesWhenAHostHookUnmountsIt) {
    Workspace space(GetParam());
    space.hook("cache",
               "root.d/60-cache",
               "mkdir -p $TMP_BUILD_DIR/cache $TARGET_ROOT/var/cache\n"
               "mount --bind $TMP_BUILD_DIR/cache $TARGET_ROOT/var/cache");
    space.hook("cache", "extra-data.d/50-cache", "umount $TMP_MOUNT_PATH/var/cache");
    space.hook("cache", "install.d/50-cache", "echo for-the-image > /var/cache/file");
    space.must_build({"fake-os", "cache"});
    EXPECT_EQ(read_from_image(space / "out/image.raw", "/var/cache/file"), "for-the-image\n");
}

TEST_P(LeftMount, OfSysfsWorksInAUserNamespaceToo) {
    Workspace space(GetParam());
    space.hook("e",
               "root.d/60-e",
               "mount -t proc none $TARGET_ROOT/proc\n"
               "sudo mount -o ro -t sysfs none $TARGET_ROOT/sys\n"
               "ls $TARGET_ROOT/sys\n"
               "sudo umount $TARGET_ROOT/proc; sudo umount $TARGET_ROOT/sys\n"
               "test -z \"$(ls $TARGET_ROOT/sys)\"");
    space.must_build({"fake-os", "e"});
    EXPECT_THAT(space.hook_output(), testing::Contains("kernel"));
}

TEST_P(LeftMount, HostHooksThatEnterTheTreeFindDevices) {
    Workspace space(GetParam());
    space.hook("e", "root.d/60-e", "chroot $TARGET_ROOT /bin/bash -c 'echo lost > /dev/null'");
    space.hook("e",
               "extra-data.d/60-e",
               "chroot $TMP_MOUNT_PATH /bin/bash -c 'echo lost > /dev/null; test -e /proc/self'");
    space.must_build({"fake-os", "e"});
    EXPECT_EQ(read_image(space / "out/image.raw").count("/dev/null"), 0U);
}

} // namespace
} // namespace kiln::tests
