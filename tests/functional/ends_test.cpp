#include "build_watch.hpp"
#include "ends.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>

namespace kiln::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class Ended : public AsUser {};

INSTANTIATE_TEST_SUITE_P(As, Ended, testing::Values(User::root, User::plain), user_name);

TEST_P(Ended, ByInterruptInAHookOfTheChroot) {
    end_a_build(Stop::install, Blow::interrupt, GetParam());
}

TEST_P(Ended, ByTerminateInAHookOfTheHost) {
    end_a_build(Stop::root, Blow::terminate, GetParam());
}

TEST_P(Ended, ByKillOfKilnInAHookOfTheChroot) {
    end_a_build(Stop::finalise, Blow::kill_kiln, GetParam());
}

TEST_P(Ended, ByKillOfKilnWhileTheImageIsWritten) {
    end_a_build(Stop::writing_qcow2, Blow::kill_kiln, GetParam());
}

TEST_P(Ended, ByKillOfTheFirstProcess) {
    end_a_build(Stop::extra_data, Blow::kill_init, GetParam());
}

TEST_P(Ended, ByKillOfTheWorkerWhileTheDiskIsWritten) {
    end_a_build(Stop::writing_disk, Blow::kill_worker, GetParam());
}

TEST_P(Ended, ByKillOfTheHook) {
    end_a_build(Stop::pre_install, Blow::kill_work, GetParam());
}

TEST_P(Ended, ByAWholeProcessGroup) {
    // As a terminal does for Ctrl-C.
    Workspace space(GetParam());
    space.hook("still", "install.d/50-still", "echo standing-still; sleep 3600");
    Running build = space.start_build({"-v", "fake-os", "still"});
    ASSERT_TRUE(build.says("standing-still", seconds(60))) << build.error_so_far();
    ASSERT_EQ(::kill(-build.pid(), SIGINT), 0);
    const Finished result = build.wait(seconds(20));
    EXPECT_EQ(result.signal, SIGINT);
    EXPECT_THAT(result.err, HasSubstr("interrupted"));
    expect_nothing_runs(space);
    expect_nothing_lies_around(space);
}

TEST_P(Ended, HooksLeaveNoDaemonBehind) {
    Workspace space(GetParam());
    space.hook("daemon",
               "install.d/50-daemon",
               "exec 9> /held-open\n"
               "trap '' TERM\n"
               "setsid bash -c 'trap \"\" TERM HUP; sleep 3600' &\n"
               "( ( env -i /bin/sleep 3601 & ) & )");
    space.hook("daemon", "install.d/60-daemon", "set -- /proc/[0-9]*; echo processes: $#");
    const Finished result = space.build({"fake-os", "daemon"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_LT(result.took, milliseconds(20000));
    EXPECT_THAT(space.build_log(), HasSubstr("ended what the hook left running: "));
    EXPECT_THAT(space.hook_output().back(), HasSubstr("processes: 2"));
    expect_nothing_runs(space);
}

TEST_P(Ended, BuildsOfTheSameNameDoNotDisturbEachOther) {
    Workspace space(GetParam());
    space.hook("slow", "install.d/50-slow", "echo standing-still; sleep 2");
    Running first = space.start_build({"-v", "fake-os", "slow"});
    ASSERT_TRUE(first.says("standing-still", seconds(60))) << first.error_so_far();
    // Its sweep must leave the living build alone.
    space.must_build({"fake-os"});
    const Finished result = first.wait(seconds(60));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    expect_nothing_lies_around(space);
}

} // namespace
} // namespace kiln::tests
