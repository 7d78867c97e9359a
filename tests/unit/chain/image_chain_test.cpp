#include "chain/image_chain.hpp"
#include "report/error_file.hpp"
#include "support/fake_runner.hpp"
#include "unit/util/test_files.hpp"
#include "util/fd.hpp"
#include "util/signal.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

namespace kiln::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

/// Hands on standard error too.
class TalkingRunner : public FakeRunner {
public:
    process::Result run(const process::Command& command,
                        const process::LineHandler& on_line) override {
        process::Result result = FakeRunner::run(command, on_line);
        if (on_line && !result.err.empty()) {
            on_line(process::Stream::err, result.err);
        }
        return result;
    }
};

/// An image that is taken as it is, two stores, and an output.
class ImageChain : public testing::Test {
protected:
    ImageChain() {
        image.name = "web";
        image.base = chain::BaseDefinition{.file = files.write("base.raw", "an image")};
        image.outputs = {{.source = files.write("id.j2", "{{ result_img_id }}\n"), .target = "id"}};
        run_definition.output = files / "out";
        run_definition.stores = {{.name = "bad", .folder = "/bad"},
                                 {.name = "good", .folder = "/good"}};
        runner.answer = [this](const process::Command& command) { return answer(command); };
    }

    process::Result answer(const process::Command& command) {
        const auto has = [&](const std::string& word) {
            return std::find(command.argv.begin(), command.argv.end(), word) != command.argv.end();
        };
        if (has("test")) {
            return test_end;
        }
        if (has("/bad")) {
            return bad_end;
        }
        return has("publish") ? published : process::Result{};
    }

    chain::ImageOutcome run() {
        return chain::run_image(image,
                                run_definition,
                                {.folder = files.path()},
                                {.runner = runner,
                                 .caller = caller,
                                 .events = [](const std::string&, const report::Event&) {},
                                 .check_signals = check_signals,
                                 .is_ended = [] { return false; }});
    }

    std::size_t calls(const std::string& word) const {
        return static_cast<std::size_t>(
            std::count_if(runner.commands.begin(), runner.commands.end(), [&](const auto& one) {
                return one.argv.size() > 1 && one.argv[1] == word;
            }));
    }

    TestFiles files{};
    chain::ImageDefinition image{};
    chain::RunDefinition run_definition{};
    chain::Caller caller = {.kiln = "kiln"};
    std::function<void()> check_signals = [] {};
    TalkingRunner runner{};
    process::Result published = {
        .out = R"([{"store": "here", "id": "1", "name": "web", "result": "uploaded", )"
               R"("properties": {}}])"};
    process::Result test_end{};
    process::Result bad_end = published;
};

TEST_F(ImageChain, TestsPublishesAndWritesOutputs) {
    const chain::ImageOutcome outcome = run();
    EXPECT_EQ(outcome.standing, chain::Standing::done);
    EXPECT_THAT(outcome.published, SizeIs(2));
    EXPECT_EQ(files.read("out/web/id"), "1\n");
    EXPECT_EQ(runner.commands.front().argv.at(1), "test");
    EXPECT_TRUE(files.has("out/web/result.json"));
}

TEST_F(ImageChain, ATestThatPassedIsNotRunAgain) {
    run();
    const chain::ImageOutcome outcome = run();
    EXPECT_EQ(calls("test"), 1U);
    EXPECT_TRUE(outcome.tests.front().remembered);
}

TEST_F(ImageChain, AnUpdateInAStoreIsAChange) {
    run();
    published.out = R"([{"store": "here", "id": "1", "name": "web", "result": "unchanged", )"
                    R"("steps": [], "properties": {}}])";
    bad_end = published;
    EXPECT_EQ(run().standing, chain::Standing::unchanged);
    published.out = R"([{"store": "here", "id": "1", "name": "web", "result": "unchanged", )"
                    R"("steps": ["updated the properties"], "properties": {}}])";
    EXPECT_EQ(run().standing, chain::Standing::done);
}

TEST_F(ImageChain, NothingIsPublishedAfterAFailedTest) {
    test_end = {.exit_code = 6, .out = "no login prompt\n"};
    const chain::ImageOutcome outcome = run();
    EXPECT_EQ(calls("publish"), 0U);
    EXPECT_FALSE(files.has("out/web/id"));
    EXPECT_EQ(outcome.failed_stage, "test");
    EXPECT_EQ(outcome.error->code, util::ExitCode::test);
    EXPECT_THAT(outcome.error->what, HasSubstr("test 'boot' failed: no login prompt"));
    EXPECT_EQ(chain::exit_code_of({.images = {outcome}}), util::ExitCode::test);
}

TEST_F(ImageChain, AStoreThatFailsDoesNotStopTheOthers) {
    const std::vector<process::Result> ends = {
        {.exit_code = 5,
         .err = report::error_line({.what = "refused", .code = util::ExitCode::remote})},
        {.exit_code = 137, .out = "[{\"store\": "}};
    for (const process::Result& end : ends) {
        bad_end = end;
        const chain::ImageOutcome outcome = run();
        ASSERT_THAT(outcome.failed_stores, SizeIs(1));
        EXPECT_EQ(outcome.failed_stores.front().store, "bad");
        ASSERT_THAT(outcome.published, SizeIs(1));
        EXPECT_EQ(outcome.published.front().store, "good");
        EXPECT_EQ(outcome.failed_stage, "publish");
        EXPECT_FALSE(files.has("out/web/id"));
    }
}

TEST_F(ImageChain, ASignalEndsItAndTheNextRunBringsTheRest) {
    check_signals = [this] {
        if (calls("test") > 0) {
            throw util::Interrupted(15);
        }
    };
    EXPECT_EQ(run().standing, chain::Standing::interrupted);
    EXPECT_EQ(calls("publish"), 0U);
    check_signals = [] {};
    EXPECT_EQ(run().standing, chain::Standing::done);
    EXPECT_EQ(calls("test"), 1U);
}

TEST_F(ImageChain, ATestMayNotTouchTheImage) {
    test_end = {};
    runner.answer = [this](const process::Command& command) {
        if (command.argv.at(1) == "test") {
            const auto time = std::filesystem::last_write_time(files / "base.raw");
            files.write("base.raw", "AN IMAGE");
            std::filesystem::last_write_time(files / "base.raw", time);
        }
        return answer(command);
    };
    const chain::ImageOutcome outcome = run();
    EXPECT_THAT(outcome.error.value().what, HasSubstr("the test changed the image"));
    EXPECT_EQ(outcome.error.value().code, util::ExitCode::test);
    EXPECT_EQ(calls("publish"), 0U);
}

TEST_F(ImageChain, AllTestsRunAlsoAfterOneThatCannotStart) {
    image.tests = {chain::CommandTest{.name = "absent", .argv = {"absent"}}, chain::BootTest{}};
    runner.answer = [this](const process::Command& command) {
        if (command.argv.front() == "absent") {
            throw util::Error({.what = "there is no program 'absent'"});
        }
        return answer(command);
    };
    const chain::ImageOutcome outcome = run();
    EXPECT_EQ(calls("test"), 1U);
    ASSERT_THAT(outcome.tests, SizeIs(2));
    EXPECT_EQ(outcome.tests.front().text, "there is no program 'absent'");
    EXPECT_TRUE(outcome.tests.back().passed);
    EXPECT_EQ(outcome.failed_stage, "test");
}

TEST_F(ImageChain, SecretsOfATestAreNeitherLoggedNorTold) {
    caller.environment["WORD"] = "hunter2-zebra";
    image.secrets = {{"TOKEN", {chain::SecretReference::Place::environment, "WORD"}}};
    image.tests = {chain::CommandTest{.name = "talk", .argv = {"talk"}}};
    runner.answer = [this](const process::Command& command) {
        return command.argv.front() == "talk"
                   ? process::Result{.exit_code = 1, .err = "it is hunter2-zebra"}
                   : answer(command);
    };
    const chain::ImageOutcome outcome = run();
    EXPECT_EQ(outcome.tests.front().text, "it is <hidden>");
    EXPECT_THAT(chain::to_json(outcome), Not(HasSubstr("zebra")));
    EXPECT_THAT(util::read_file(outcome.log), Not(HasSubstr("zebra")));
}

TEST_F(ImageChain, AnImageInAnotherFormatThanItsStoreTakesIsRefused) {
    run_definition.stores.front().format = "qcow2";
    const chain::ImageOutcome outcome = run();
    EXPECT_EQ(outcome.failed_stores.front().store, "bad");
    EXPECT_THAT(outcome.error.value().what, HasSubstr("gets qcow2, and the image is raw"));
    EXPECT_EQ(outcome.published.size(), 1U);
}

TEST_F(ImageChain, AFolderThatCannotBeMadeIsAFailureOfTheImage) {
    files.write("out", "a file");
    const chain::ImageOutcome outcome = run();
    EXPECT_EQ(outcome.standing, chain::Standing::failed);
    EXPECT_TRUE(outcome.error.has_value());
}

} // namespace
} // namespace kiln::tests
