#include "process/posix_runner.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace kiln::process {
namespace {

Command stoppable_shell(const std::string& script) {
    return {.argv = {"sh", "-c", script}, .environment = tool_environment()};
}

TEST(ShouldStop, ends_a_program_and_what_it_started) {
    Command command = stoppable_shell("sleep 60 & echo $!; wait");
    const auto start = std::chrono::steady_clock::now();
    command.should_stop = [&] {
        return std::chrono::steady_clock::now() - start > std::chrono::milliseconds(300);
    };
    PosixRunner runner;
    const Result result = runner.run(command);
    EXPECT_TRUE(result.stopped);
    EXPECT_FALSE(result.timed_out);
    EXPECT_EQ(result.exit_code, 137);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
    // Gone, or a zombie that its new parent has not collected yet. Its SIGKILL was sent with the
    // stoppable_shell's, but nobody waits for it: on a busy machine it dies later.
    const std::string status = "/proc/" + result.out.substr(0, result.out.find('\n')) + "/status";
    const std::string gone = "for try in $(seq 200); do grep -q '^State:.[^ZX]' " + status +
                             " 2>/dev/null || exit 0; sleep 0.1; done; exit 1";
    EXPECT_EQ(runner.run(stoppable_shell(gone)).exit_code, 0);
}

TEST(ShouldStop, that_never_says_so_changes_nothing) {
    Command command = stoppable_shell("sleep 0.3; exit 3");
    int asked = 0;
    command.should_stop = [&] {
        ++asked;
        return false;
    };
    const Result result = PosixRunner().run(command);
    EXPECT_FALSE(result.stopped);
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_GE(asked, 2);
}

} // namespace
} // namespace kiln::process
