#include "process/posix_runner.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

#include <sys/wait.h>

#include <csignal>
#include <stdexcept>

namespace kiln::tests {
namespace {

using process::Command;
using process::PosixRunner;
using process::Result;
using process::Stream;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Command shell(const std::string& script) {
    return {.argv = {"sh", "-c", script}, .environment = {{"PATH", "/usr/bin:/bin"}}};
}

Result run(const Command& command) {
    return PosixRunner().run(command);
}

TEST(PosixRunnerTest, GivesOutputAndExitCode) {
    const Result result = run(shell("echo out; echo err >&2; exit 7"));
    EXPECT_EQ(result.exit_code, 7);
    EXPECT_EQ(result.out, "out\n");
    EXPECT_EQ(result.err, "err\n");
    EXPECT_FALSE(result.timed_out);
}

TEST(PosixRunnerTest, GivesASignalAs128AndItsNumber) {
    EXPECT_EQ(run(shell("kill -9 $$")).exit_code, 137);
    EXPECT_EQ(run(shell("kill -TERM $$")).exit_code, 143);
}

TEST(PosixRunnerTest, ReadsOutputThatIsLargerThanAPipe) {
    EXPECT_EQ(run(shell("head -c 1000000 /dev/zero; head -c 300000 /dev/zero >&2")).out.size(),
              1'000'000U);
}

TEST(PosixRunnerTest, KillsWhatTakesTooLongWithItsChildren) {
    Command command = shell("sleep 60 & sleep 60; true");
    command.timeout = milliseconds(100);
    const auto start = steady_clock::now();
    const Result result = run(command);
    EXPECT_TRUE(result.timed_out);
    EXPECT_EQ(result.exit_code, 137);
    EXPECT_LT(steady_clock::now() - start, milliseconds(30000));
}

TEST(PosixRunnerTest, NamesAProgramThatIsMissing) {
    const util::ErrorInfo error = error_of([] {
        run({.argv = {"no-such-program", "x"}, .environment = {{"PATH", "/bin"}}});
    });
    EXPECT_EQ(error.what, "cannot start 'no-such-program': No such file or directory");
    EXPECT_THAT(error.hint, HasSubstr("no-such-program x"));
    EXPECT_EQ(error.code, util::ExitCode::tool);
}

TEST(PosixRunnerTest, GivesTheEnvironmentAndNothingElse) {
    const Result result =
        run({.argv = {"/usr/bin/env"}, .environment = {{"A", "1"}, {"B", "two words"}}});
    EXPECT_EQ(result.out, "A=1\nB=two words\n");
}

TEST(PosixRunnerTest, LooksProgramsUpInTheirOwnPath) {
    const TestFiles files;
    files.write("tool", "#!/bin/sh\necho mine\n", 0755);
    EXPECT_EQ(run({.argv = {"tool"}, .environment = {{"PATH", files.path().string()}}}).out,
              "mine\n");
}

TEST(PosixRunnerTest, FeedsInputAndElseNothing) {
    Command command = shell("cat");
    EXPECT_EQ(run(command).out, "");
    command.input = std::string(200'000, 'x');
    EXPECT_EQ(run(command).out.size(), 200'000U);
}

TEST(PosixRunnerTest, RunsInAWorkingDirectory) {
    const TestFiles files;
    Command command = shell("pwd");
    command.working_directory = files.path();
    EXPECT_EQ(run(command).out, files.path().string() + "\n");
    command.working_directory = files / "missing";
    EXPECT_THAT(error_of([&] { run(command); }).what, HasSubstr("cannot enter"));
}

TEST(PosixRunnerTest, DoesNotWaitForADaemonThatKeepsThePipe) {
    const auto start = steady_clock::now();
    const Result result = run(shell("sleep 60 & echo started $!"));
    EXPECT_LT(steady_clock::now() - start, milliseconds(30000));
    ASSERT_EQ(result.out.rfind("started ", 0), 0U);
    ::kill(std::stoi(result.out.substr(8)), SIGKILL);
}

TEST(PosixRunnerTest, HandsOnLinesAsTheyCome) {
    std::vector<std::string> lines;
    const Result result = PosixRunner().run(
        shell("echo a; printf b; echo c >&2"), [&](Stream stream, std::string_view line) {
            lines.push_back((stream == Stream::out ? "out " : "err ") + std::string(line));
        });
    EXPECT_THAT(lines, ::testing::UnorderedElementsAre("out a", "out b", "err c"));
    EXPECT_EQ(result.out, "");
}

TEST(PosixRunnerTest, LeavesNoProgramBehindWhenAHandlerThrows) {
    std::string pid;
    const auto failing = [&](Stream, std::string_view line) {
        pid = line;
        throw util::Error({.what = "the handler failed"});
    };
    const util::ErrorInfo error =
        error_of([&] { PosixRunner().run(shell("echo $$; exec sleep 60"), failing); });
    EXPECT_EQ(error.what, "the handler failed");
    EXPECT_EQ(::kill(std::stoi(pid), 0), -1);
}

TEST(PosixRunnerTest, GivesTheErrorOfTheSetupToTheCaller) {
    Command command = shell("true");
    command.child_setup = [] { throw util::Error({.what = "no namespace", .hint = "allow it"}); };
    const util::ErrorInfo error = error_of([&] { run(command); });
    EXPECT_EQ(error.what, "no namespace");
    EXPECT_EQ(error.hint, "allow it");
    EXPECT_EQ(error.code, util::ExitCode::tool);
    command.child_setup = [] { throw std::runtime_error("something else"); };
    EXPECT_EQ(error_of([&] { run(command); }).what, "something else");
}

TEST(PosixRunnerTest, ClosesItsDescriptorsInTheProgram) {
    const TestFiles files;
    const util::Fd fd = util::open_file(files / "lock", O_RDWR | O_CREAT);
    const Result result = run(shell("readlink /proc/self/fd/*"));
    EXPECT_THAT(result.out, Not(HasSubstr("lock")));
    EXPECT_THAT(result.out, Not(HasSubstr("kiln-input")));
}

TEST(PosixRunnerTest, GivesSignalsTheirUsualMeaningBack) {
    const auto before = ::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(run(shell("kill -PIPE $$")).exit_code, 128 + SIGPIPE);
    ::signal(SIGPIPE, before);
}

TEST(RunnerCheck, MakesAnExitCodeAnError) {
    PosixRunner runner;
    const util::ErrorInfo error =
        error_of([&] { runner.check(shell("echo first; echo bad >&2; exit 3")); });
    EXPECT_EQ(error.what, "'sh' failed with exit code 3");
    EXPECT_THAT(error.excerpt, ElementsAre("first", "bad"));
    EXPECT_EQ(error.code, util::ExitCode::tool);
}

TEST(RunnerCheck, SaysHowLongItWaited) {
    PosixRunner runner;
    Command command = shell("sleep 60");
    command.timeout = milliseconds(100);
    EXPECT_EQ(error_of([&] { runner.check(command); }).what, "'sh' did not end within 0.1 s");
}

} // namespace
} // namespace kiln::tests
