#include "private_mounts.hpp"
#include "sandbox/hook_process.hpp"
#include "sandbox/mount.hpp"

#include <gmock/gmock.h>

#include <sched.h>

namespace kiln::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HookProcessTest : public PrivateMountsTest {
protected:
    static process::Result run(const std::string& script) {
        process::PosixRunner runner;
        process::Command command = {.argv = {"/bin/bash", "-c", script},
                                    .environment = {{"PATH", "/usr/bin:/bin"}},
                                    .timeout = std::chrono::seconds(20)};
        command.namespaces = CLONE_NEWPID | CLONE_NEWNS;
        command.child_setup = [] {
            ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
            sandbox::mount_proc("/proc");
            sandbox::drop_host_capabilities();
            sandbox::become_hook();
        };
        return runner.run(command);
    }
};

TEST_F(HookProcessTest, EndsAsTheHookDid) {
    EXPECT_EQ(run("exit 7").exit_code, 7);
    EXPECT_EQ(run("exit 255").exit_code, 255);
    EXPECT_EQ(run("kill -SEGV $$").exit_code, 128 + SIGSEGV);
}

TEST_F(HookProcessTest, IsNotTheFirstProcess) {
    EXPECT_EQ(run("echo $$").out, "2\n");
}

TEST_F(HookProcessTest, EndsAndNamesWhatTheHookLeftRunning) {
    const process::Result result = run("setsid sleep 1000 & exit 0");
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.err, HasSubstr("kiln: ended what the hook left running: "));
    EXPECT_FALSE(result.timed_out);
}

TEST_F(HookProcessTest, SaysNothingWhenNothingWasLeft) {
    EXPECT_THAT(run("true").err, IsEmpty());
}

TEST_F(HookProcessTest, SeesNoDescriptorsButTheThreeStandardOnes) {
    const util::Fd secret(::open("/etc/hostname", O_RDONLY)); // NOLINT(android-cloexec-open)
    ASSERT_GT(secret.get(), 2);
    EXPECT_EQ(run("cd /proc/self/fd; echo *").out, "0 1 2 3\n");
    EXPECT_EQ(run("cd /proc/1/fd; echo *").out, "0 1 2\n");
}

TEST_F(HookProcessTest, CannotMakeDeviceNodes) {
    const process::Result result = run("mknod /tmp/kiln-unit-test-node c 1 3");
    EXPECT_NE(result.exit_code, 0);
    EXPECT_THAT(result.err, HasSubstr("Operation not permitted"));
}

} // namespace
} // namespace kiln::tests
