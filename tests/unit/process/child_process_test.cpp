#include "process/child_process.hpp"
#include "process/posix_runner.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <gmock/gmock.h>

#include <signal.h>
#include <unistd.h>

#include <chrono>

namespace kiln::process {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

Command shell(const std::string& script) {
    return {.argv = {"sh", "-c", script}, .environment = tool_environment()};
}

TEST(ChildProcess, is_read_while_it_runs) {
    PosixRunner runner;
    const auto child = runner.start(shell("seq 1 100000; echo oops >&2; exit 3"));
    const std::string output = util::read_all(child->output(), "seq");
    EXPECT_EQ(output.size(), 588895U);
    const Result result = child->finish(seconds(10));
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_EQ(result.err, "oops\n");
    EXPECT_FALSE(result.timed_out);
}

TEST(ChildProcess, tells_whether_output_came_in_time) {
    const ChildProcess silent(shell("exec sleep 60"));
    EXPECT_FALSE(silent.wait_for_output(milliseconds(50)));
    const ChildProcess talking(shell("echo word; exec sleep 60"));
    EXPECT_TRUE(talking.wait_for_output(seconds(10)));
    const ChildProcess ended(shell("true"));
    EXPECT_TRUE(ended.wait_for_output(seconds(10)));
}

TEST(ChildProcess, ends_when_its_guard_goes) {
    pid_t started = 0;
    {
        ChildProcess child(shell("echo $$; exec sleep 60"));
        char text[16] = {};
        ASSERT_GT(::read(child.output(), text, sizeof(text) - 1), 0);
        started = std::stoi(text);
        EXPECT_EQ(::kill(started, 0), 0);
    }
    EXPECT_NE(::kill(started, 0), 0);
}

TEST(ChildProcess, is_ended_when_it_takes_too_long) {
    ChildProcess child(shell("sleep 60"));
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(child.finish(milliseconds(50)).timed_out);
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(30));
}

TEST(ChildProcess, that_nobody_reads_is_ended) {
    ChildProcess child(shell("yes"));
    EXPECT_TRUE(child.finish(milliseconds(50)).timed_out);
}

TEST(ChildProcess, of_no_program_is_an_error) {
    PosixRunner runner;
    try {
        runner.start({.argv = {"/no/such/program"}, .environment = tool_environment()});
        FAIL() << "nothing was thrown";
    } catch (const util::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("cannot start '/no/such/program'"));
        EXPECT_EQ(error.info().code, util::ExitCode::tool);
    }
}

TEST(ChildProcess, runs_a_function_too) {
    ChildProcess child([](int output) { util::write_all(output, "hello", "the pipe"); });
    EXPECT_EQ(util::read_all(child.output(), "the pipe"), "hello");
    EXPECT_EQ(child.finish(seconds(10)).exit_code, 0);
}

TEST(ChildProcess, tells_what_a_function_throws) {
    ChildProcess child([](int) { throw util::Error({.what = "it is broken", .hint = "mend it"}); });
    EXPECT_EQ(util::read_all(child.output(), "the pipe"), "");
    const Result result = child.finish(seconds(10));
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.err, "it is broken\nmend it\n");
}

} // namespace
} // namespace kiln::process
