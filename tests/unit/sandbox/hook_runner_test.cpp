#include "private_mounts.hpp"
#include "report/error_file.hpp"
#include "sandbox/hook_runner.hpp"
#include "support/fake_runner.hpp"
#include "support/memory_reporter.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::Phase;
using sandbox::HookRun;
using sandbox::HookRunner;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class HookRunnerTest : public PrivateMountsTest {
protected:
    void SetUp() override {
        PrivateMountsTest::SetUp();
        files.directory("hooks/environment.d");
    }

    [[nodiscard]] HookRun hook(Phase phase) const {
        return {.phase = element::phase_info(phase),
                .element = "nginx",
                .name = "20-nginx",
                .environment = {{"ARCH", "amd64"}}};
    }

    /// Runs a hook that answers with result; gives the whole command.
    process::Command run(Phase phase,
                         process::Result result = {},
                         sandbox::Network network = sandbox::Network::host) {
        sandbox::LayerStack layers(files / "layers", files / "tree");
        FakeRunner runner;
        runner.answer = [this, result](const process::Command&) {
            if (tool_error_) {
                report::write_error_file(files / "tool-error", *tool_error_);
            }
            return result;
        };
        HookRunner hooks(runner,
                         reporter_,
                         layers,
                         {.hooks = files / "hooks",
                          .timeout = std::chrono::seconds(90),
                          .network = network,
                          .log_directory = "/logs/web-1",
                          .tool_error = files / "tool-error"});
        output_ = hooks.run(hook(phase)).out;
        return runner.commands.at(0);
    }

    [[nodiscard]] util::ErrorInfo failure(const process::Result& result) {
        return error_of([&] { run(Phase::install, result); });
    }

    /// Of a hook of the host, in which a tool has failed before.
    [[nodiscard]] util::ErrorInfo failure_with_tool(const util::ErrorInfo& tool, int exit_code) {
        tool_error_ = tool;
        return error_of([&] { run(Phase::root, {.exit_code = exit_code, .out = "one\n"}); });
    }

    MemoryReporter reporter_;
    std::string output_;
    std::optional<util::ErrorInfo> tool_error_;
};

TEST_F(HookRunnerTest, CallsAHookOfTheChrootByItsPathInTheTree) {
    inside([&] {
        const process::Command command = run(Phase::install);
        EXPECT_EQ(command.argv.at(4), "/tmp/in_target.d/install.d/20-nginx");
        EXPECT_EQ(command.environment, hook(Phase::install).environment);
        EXPECT_EQ(command.timeout, std::chrono::seconds(90));
        EXPECT_EQ(command.namespaces, static_cast<unsigned long>(CLONE_NEWPID | CLONE_NEWNS));
    });
}

TEST_F(HookRunnerTest, CallsAHookOfTheHostByItsPathOutside) {
    inside([&] {
        const process::Command command = run(Phase::extra_data);
        EXPECT_EQ(command.argv.at(4), files / "hooks/extra-data.d/20-nginx");
    });
}

TEST_F(HookRunnerTest, HandsOverTheFilesOfTheEnvironment) {
    files.write("hooks/environment.d/10-proxy.bash", "export a=b\n");
    inside([&] {
        const process::Command command = run(Phase::install);
        ASSERT_THAT(command.argv, SizeIs(6));
        EXPECT_EQ(command.argv.at(5), "/tmp/in_target.d/environment.d/10-proxy.bash");
    });
}

TEST_F(HookRunnerTest, WithoutNetworkMakesANamespaceForIt) {
    inside([&] {
        const process::Command command = run(Phase::install, {}, sandbox::Network::none);
        EXPECT_NE(command.namespaces & CLONE_NEWNET, 0UL);
    });
}

TEST_F(HookRunnerTest, GivesTheAnswerOfAHook) {
    inside([&] {
        run(Phase::block_device_size, {.out = "IMAGE_SIZE=3\n"});
        EXPECT_EQ(output_, "IMAGE_SIZE=3\n");
        EXPECT_THAT(reporter_.texts(report::EventKind::output),
                    ::testing::ElementsAre("IMAGE_SIZE=3"));
    });
}

TEST_F(HookRunnerTest, KeepsOnlyTheEndOfMuchOutput) {
    inside([&] {
        std::string much;
        for (int i = 0; i < 3000; ++i) {
            much += std::string(1023, 'x') + "\n";
        }
        run(Phase::install, {.out = much + "IMAGE_SIZE=3\n"});
        EXPECT_LT(output_.size(), std::size_t{2100} * 1024);
        EXPECT_THAT(output_.substr(output_.size() - 14), HasSubstr("IMAGE_SIZE=3\n"));
    });
}

TEST_F(HookRunnerTest, TellsWhereAndHowAHookFailed) {
    inside([&] {
        const util::ErrorInfo error = failure({.exit_code = 100, .out = "one\ntwo\n"});
        EXPECT_EQ(error.what, "hook '20-nginx' failed with exit code 100");
        EXPECT_EQ(error.code, util::ExitCode::hook);
        EXPECT_THAT(error.where, ::testing::ElementsAre("phase install", "element 'nginx'"));
        EXPECT_EQ(error.log, "/logs/web-1/install.d-20-nginx.log");
        EXPECT_THAT(error.excerpt, ::testing::ElementsAre("one", "two"));
    });
}

TEST_F(HookRunnerTest, TellsOfASignal) {
    inside(
        [&] { EXPECT_THAT(failure({.exit_code = 137}).what, HasSubstr("was ended by signal 9")); });
}

TEST_F(HookRunnerTest, DoesNotTakeALargeExitCodeForASignal) {
    inside([&] {
        EXPECT_THAT(failure({.exit_code = 255}).what, HasSubstr("failed with exit code 255"));
    });
}

TEST_F(HookRunnerTest, TellsTheErrorOfTheToolThatAHookCalled) {
    inside([&] {
        const util::ErrorInfo error = failure_with_tool(
            {.what = "cannot fetch it", .hint = "is it up?", .code = util::ExitCode::remote}, 5);
        EXPECT_EQ(error.what, "cannot fetch it");
        EXPECT_EQ(error.hint, "is it up?");
        EXPECT_EQ(error.code, util::ExitCode::remote);
        EXPECT_THAT(error.where,
                    ::testing::ElementsAre("phase root", "element 'nginx'", "hook '20-nginx'"));
        EXPECT_EQ(error.log, "/logs/web-1/root.d-20-nginx.log");
        EXPECT_THAT(error.excerpt, ::testing::ElementsAre("one"));
        EXPECT_FALSE(std::filesystem::exists(files / "tool-error"));
    });
}

TEST_F(HookRunnerTest, OfAToolThatSaysNoMoreThanThatItFailedKeepsTheCodeOfHooks) {
    inside([&] {
        const util::ErrorInfo error = failure_with_tool({.what = "the disk is full"}, 1);
        EXPECT_EQ(error.what, "the disk is full");
        EXPECT_EQ(error.code, util::ExitCode::hook);
    });
}

TEST_F(HookRunnerTest, DoesNotBlameAToolWhoseFailureTheHookTook) {
    inside([&] {
        const util::ErrorInfo error =
            failure_with_tool({.what = "cannot fetch it", .code = util::ExitCode::remote}, 3);
        EXPECT_EQ(error.what, "hook '20-nginx' failed with exit code 3");
        EXPECT_EQ(error.code, util::ExitCode::hook);
    });
}

TEST_F(HookRunnerTest, DoesNotBlameTheToolOfAnEarlierHook) {
    files.write("tool-error",
                report::to_json({.what = "of before", .code = util::ExitCode::remote}));
    inside([&] {
        const util::ErrorInfo error = error_of([&] { run(Phase::root, {.exit_code = 5}); });
        EXPECT_EQ(error.what, "hook '20-nginx' failed with exit code 5");
    });
}

TEST_F(HookRunnerTest, TellsOfATimeout) {
    inside([&] {
        EXPECT_THAT(failure({.exit_code = 137, .timed_out = true}).what,
                    HasSubstr("did not end within 1 min 30 s (--hook-timeout)"));
    });
}

} // namespace
} // namespace kiln::tests
