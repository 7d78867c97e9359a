#include "build_watch.hpp"
#include "util/fd.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using std::chrono::milliseconds;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

/// The file that the line "  log: ..." names; "~/" stands for the home.
std::string named_log(const Finished& result, const Workspace& space) {
    const std::size_t start = result.err.find("  log: ");
    EXPECT_NE(start, std::string::npos) << result.err;
    if (start == std::string::npos) {
        return "";
    }
    const std::size_t end = result.err.find_first_of(" \n", start + 7);
    const std::string path = result.err.substr(start + 7, end - start - 7);
    return path.rfind("~/", 0) == 0 ? space / "home" + path.substr(1) : path;
}

TEST(HookFailure, NamesThePlaceTheLastLinesAndTheLog) {
    Workspace space;
    space.hook("broken",
               "install.d/50-broken",
               "for i in $(seq 1 30); do echo \"line $i\"; done\necho to-stderr >&2\nexit 42");
    const Finished result = space.build({"fake-os", "broken"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("error: hook '50-broken' failed with exit code 42"));
    EXPECT_THAT(result.err, HasSubstr("image 'image' > phase install > element 'broken'"));
    EXPECT_THAT(result.err, HasSubstr("    | line 30\n"));
    EXPECT_THAT(result.err, HasSubstr("    | to-stderr\n"));
    EXPECT_THAT(result.err, Not(HasSubstr("    | line 1\n")));
    EXPECT_THAT(result.err, ContainsRegex("hint: .+"));
    const std::string log = util::read_file(named_log(result, space));
    EXPECT_THAT(log, HasSubstr("line 1\n"));
    EXPECT_THAT(log, HasSubstr("to-stderr\n"));
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(space.list("out").empty());
    expect_nothing_lies_around(space);
}

TEST(HookFailure, OfOnePhaseStopsTheNext) {
    Workspace space;
    space.hook("broken", "root.d/50-broken", "exit 7");
    space.hook("broken", "install.d/50-later", "echo never");
    EXPECT_EQ(space.build({"fake-os", "broken"}).exit_code, 3);
    EXPECT_THAT(space.build_log(), Not(HasSubstr("never")));
}

TEST(HookFailure, BySignalNamesIt) {
    Workspace space;
    space.hook("broken", "install.d/50-broken", "kill -SEGV $$");
    const Finished result = space.build({"fake-os", "broken"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("hook '50-broken' was ended by signal 11"));
}

TEST(HookFailure, ByTimeoutEndsEverythingTheHookStarted) {
    Workspace space;
    space.hook("slow", "extra-data.d/50-slow", "trap '' TERM\nsetsid sleep 600 &\nsleep 601");
    const Finished result = space.build({"--hook-timeout", "6", "fake-os", "slow"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, ContainsRegex("'50-slow' did not end within .*--hook-timeout"));
    EXPECT_LT(result.took, milliseconds(40000));
    expect_nothing_runs(space);
}

TEST(HookFailure, OfAFileOfTheEnvironmentIsTheHooks) {
    Workspace space;
    space.write("elements/e/environment.d/10-e", "export E=$NO_SUCH_VARIABLE\n");
    space.hook("e", "install.d/50-e", "echo ran");
    const Finished result = space.build({"fake-os", "e"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("NO_SUCH_VARIABLE: unbound variable"));
    EXPECT_THAT(result.err, Not(HasSubstr("ran")));
}

TEST(HookFailure, OfAnInterpreterThatIsNotThereIsTold) {
    Workspace space;
    space.write("elements/e/install.d/50-e", "#!/no/such/interpreter\n", 0755);
    const Finished result = space.build({"fake-os", "e"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, ContainsRegex("50-e: .*not found(.|\n)*hint: .*#!"));
}

TEST(SkippedHook, IsWarnedOf) {
    Workspace space;
    space.write("elements/e/install.d/50-not-executable", "#!/bin/bash\necho never\n", 0644);
    space.write("elements/e/install.d/60-with.dot", "#!/bin/bash\necho never\n", 0755);
    const Finished result = space.build({"fake-os", "e"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, ContainsRegex("warning: .*'50-not-executable'.*'e'.*not executable"));
    EXPECT_THAT(result.err, ContainsRegex("warning: .*'60-with.dot'.*'e'.*does not match"));
    EXPECT_THAT(space.build_log(), Not(HasSubstr("never")));
}

TEST(Root, ThatNoHookFillsIsAnError) {
    Workspace space;
    space.write("elements/empty-os/element-provides", "operating-system\n");
    space.hook("empty-os", "root.d/10-empty", "mkdir -p \"$TARGET_ROOT/tmp\"");
    const Finished result = space.build({"empty-os"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("no hook of phase root put a system into the tree"));
}

TEST(Root, WithoutAnyChangeOfAHookIsAnError) {
    Workspace space;
    space.write("elements/empty-os/element-provides", "operating-system\n");
    space.hook("empty-os", "root.d/10-empty", "true");
    const Finished result = space.build({"empty-os"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("no hook of phase root put a system into the tree"));
}

TEST(Root, WithoutAnyHookIsAnError) {
    Workspace space;
    space.write("elements/empty-os/element-provides", "operating-system\n");
    const Finished result = space.build({"empty-os"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("no hook of phase root put a system into the tree"));
}

TEST(BlockDeviceHook, ThatAnswersADeviceIsRefused) {
    Workspace space;
    space.hook("disk", "block-device.d/10-disk", "echo IMAGE_BLOCK_DEVICE=/dev/null");
    const Finished result = space.build({"fake-os", "disk"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("'/dev/null', which is no regular file"));
    EXPECT_THAT(result.err, ContainsRegex("hint: .*truncate"));
}

TEST(BlockDeviceSizeHook, WithNonsenseIsRefused) {
    Workspace space;
    space.hook("disk", "block-device-size.d/10-disk", "echo IMAGE_SIZE=large");
    const Finished result = space.build({"fake-os", "disk"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("IMAGE_SIZE='large'"));
}

} // namespace
} // namespace kiln::tests
