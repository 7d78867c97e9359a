#include "cli/print_error.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace kiln::tests {
namespace {

std::string printed(const util::ErrorInfo& error) {
    ::testing::internal::CaptureStderr();
    cli::print_error(error);
    return ::testing::internal::GetCapturedStderr();
}

TEST(PrintError, ShowsEveryPartInOrder) {
    ::setenv("HOME", "/home/mia", 1);
    EXPECT_EQ(printed({.what = "hook '20-nginx' failed with exit code 100",
                       .hint = "build again with -x",
                       .code = util::ExitCode::hook,
                       .where = {"image 'web'", "phase install", "element 'nginx'"},
                       .log = "/home/mia/.local/state/kiln/builds/web-1/install.d-20-nginx.log",
                       .excerpt = {"one", "two"}}),
              "    | one\n"
              "    | two\n"
              "error: hook '20-nginx' failed with exit code 100\n"
              "   in: image 'web' > phase install > element 'nginx'\n"
              "  log: ~/.local/state/kiln/builds/web-1/install.d-20-nginx.log (last lines above)\n"
              " hint: build again with -x\n");
}

TEST(PrintError, LeavesOutWhatThereIsNot) {
    EXPECT_EQ(printed({.what = "unknown command 'bulid'"}), "error: unknown command 'bulid'\n");
}

TEST(PrintError, ShortensOnlyPathsInTheHomeFolder) {
    ::setenv("HOME", "/home/mia", 1);
    EXPECT_EQ(printed({.what = "x", .log = "/home/miaow/log"}),
              "error: x\n  log: /home/miaow/log\n");
    ::unsetenv("HOME");
    EXPECT_EQ(printed({.what = "x", .log = "/home/mia/log"}), "error: x\n  log: /home/mia/log\n");
}

} // namespace
} // namespace kiln::tests
