#include "report/error_file.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using report::read_error_file;
using report::write_error_file;

const util::ErrorInfo k_error = {.what = "cannot fetch \xff\nit",
                                 .hint = "is it up?",
                                 .code = util::ExitCode::remote,
                                 .where = {"here"},
                                 .excerpt = {"one", ""}};

TEST(ErrorFile, BringsAnErrorToAnotherProcess) {
    const TestFiles files;
    write_error_file(files / "error", k_error);
    const auto error = read_error_file(files / "error");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->what, "cannot fetch \xef\xbf\xbd\nit");
    EXPECT_EQ(error->hint, "is it up?");
    EXPECT_EQ(error->code, util::ExitCode::remote);
    EXPECT_THAT(error->where, ::testing::ElementsAre("here"));
    EXPECT_THAT(error->excerpt, ::testing::ElementsAre("one", ""));
}

TEST(ErrorFile, IsReadByItsOwnerOnlyAndWritesThroughNoLink) {
    const TestFiles files;
    files.write("victim", "text");
    files.link(files / "victim", "error");
    write_error_file(files / "error", k_error);
    EXPECT_EQ(files.read("victim"), "text");
    EXPECT_EQ(std::filesystem::status(files / "error").permissions(), std::filesystem::perms(0600));
}

TEST(ErrorFile, ThatCannotBeWrittenIsNoFurtherError) {
    write_error_file("/nowhere/error", k_error);
    EXPECT_FALSE(read_error_file("/nowhere/error"));
}

TEST(ErrorFile, OfNoErrorIsNone) {
    const TestFiles files;
    for (const char* text : {"", "{", "[]", "7", "{}", R"({"what":1})"}) {
        files.write("error", text);
        EXPECT_FALSE(read_error_file(files / "error")) << text;
    }
    files.write("error", report::to_json({.what = std::string(300 * 1024, 'x')}));
    EXPECT_FALSE(read_error_file(files / "error"));
}

TEST(ErrorFile, ThatIsAPipeOrALinkIsNone) {
    const TestFiles files;
    ASSERT_EQ(::mkfifo((files / "pipe").c_str(), 0600), 0);
    EXPECT_FALSE(read_error_file(files / "pipe"));
    files.write("whole", report::to_json(k_error));
    files.link("whole", "link");
    EXPECT_FALSE(read_error_file(files / "link"));
}

TEST(ErrorFile, WithACodeThatIsNoneSaysThatItFailed) {
    const auto error = report::error_from_json(
        R"({"what":"x","hint":"","code":77,"where":[],"log":"","excerpt":[]})");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, util::ExitCode::failed);
}

} // namespace
} // namespace kiln::tests
