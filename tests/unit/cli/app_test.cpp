#include "cli/command.hpp"
#include "report/error_file.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <set>

namespace kiln::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Ended {
    int code;
    std::string out;
    std::string err;
};

Ended run(const std::vector<std::string>& words) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = cli::run(words);
    return {.code = code,
            .out = ::testing::internal::GetCapturedStdout(),
            .err = ::testing::internal::GetCapturedStderr()};
}

TEST(CommandTable, HasNamesAndSummariesThatDiffer) {
    std::set<std::string> names;
    for (const cli::CommandEntry& entry : cli::command_table()) {
        EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
        EXPECT_FALSE(entry.summary.empty());
        EXPECT_NE(entry.make(), nullptr);
    }
    EXPECT_TRUE(names.count("build") == 1 && names.count("test") == 1);
}

TEST(Program, TellsItsVersionAndHelp) {
    EXPECT_THAT(run({"kiln", "--version"}).out, StartsWith("kiln "));
    const Ended help = run({"kiln", "--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_THAT(help.out, HasSubstr("build"));
    EXPECT_THAT(help.out, ::testing::Not(HasSubstr("not for people")));
}

TEST(Program, SuggestsTheCommandThatWasMeant) {
    const Ended ended = run({"kiln", "biuld"});
    EXPECT_EQ(ended.code, 2);
    EXPECT_EQ(ended.err, "error: unknown command 'biuld'\n hint: did you mean 'build'?\n");
}

TEST(Program, WithoutACommandIsAnErrorOfUsage) {
    EXPECT_EQ(run({"kiln"}).code, 2);
    EXPECT_EQ(run({}).code, 2);
}

TEST(Program, UnderTheNameThatTheFieldKnowsBuilds) {
    const Ended ended = run({"/usr/bin/disk-image-create", "--help"});
    EXPECT_EQ(ended.code, 0);
    EXPECT_THAT(ended.out, HasSubstr("--image-size"));
}

TEST(Program, UnderAnotherNameIsItself) {
    EXPECT_THAT(run({"/usr/bin/anything", "--help"}).out, HasSubstr("build"));
}

/// What a hook's command leaves for the build that runs the hook.
std::optional<util::ErrorInfo> error_left_by(const std::vector<std::string>& words) {
    const TestFiles files;
    ::setenv("KILN_ERROR_FILE", (files / "error").c_str(), 1);
    run(words);
    ::unsetenv("KILN_ERROR_FILE");
    return report::read_error_file(files / "error");
}

TEST(Program, AsAToolOfAHookLeavesItsErrorForTheBuild) {
    const auto error = error_left_by({"kiln", "tool", "tree-path", "nothing"});
    ASSERT_TRUE(error);
    EXPECT_THAT(error->what, HasSubstr("tree-path takes"));
    EXPECT_EQ(error->code, util::ExitCode::usage);
}

TEST(Program, AsAnythingElseLeavesNoError) {
    EXPECT_FALSE(error_left_by({"kiln", "biuld"}));
}

TEST(Program, RefusesAnOptionThatIsUnknown) {
    const Ended ended = run({"kiln", "build", "--image-sise", "3", "debian"});
    EXPECT_EQ(ended.code, 2);
    EXPECT_THAT(ended.err, StartsWith("error: "));
}

} // namespace
} // namespace kiln::tests
