#include "process/tool_check.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

namespace kiln::tests {
namespace {

class Tools : public ::testing::Test {
protected:
    TestFiles files{};
    process::Environment environment{{"PATH", ":/nowhere:" + files.path().string()}};
};

TEST_F(Tools, AreFoundInThePath) {
    const std::string tool = files.write("qemu-img", "", 0755);
    files.write("notes", "", 0644);
    EXPECT_EQ(process::find_program("qemu-img", environment), tool);
    EXPECT_EQ(process::find_program("notes", environment), std::nullopt);
    EXPECT_EQ(process::find_program("qemu-img", {}), std::nullopt);
}

TEST_F(Tools, AreNotFolders) {
    files.directory("mtools");
    EXPECT_EQ(process::find_program("mtools", environment), std::nullopt);
}

TEST_F(Tools, AreAllNamedWhenMissing) {
    files.write("there", "", 0755);
    const util::ErrorInfo error = error_of([&] {
        process::require_tools({{"there", "nothing", "there"},
                                {"qemu-img", "to write qcow2", "qemu-utils"},
                                {"qemu-nbd", "to read qcow2", "qemu-utils"}},
                               environment);
    });
    EXPECT_EQ(error.what, "missing tool 'qemu-img' (to write qcow2), 'qemu-nbd' (to read qcow2)");
    EXPECT_EQ(error.hint, "sudo apt-get install --no-install-recommends qemu-utils");
    EXPECT_EQ(error.code, util::ExitCode::tool);
    process::require_tools({{"there", "nothing", "there"}}, environment);
}

TEST(ToolEnvironment, NeverLooksInTheCurrentFolder) {
    const char* path = ::getenv("PATH");
    const std::string before = path == nullptr ? "" : path;
    ::unsetenv("PATH");
    const std::string without = process::tool_environment().at("PATH");
    ::setenv("PATH", before.c_str(), 1);
    EXPECT_EQ(without, "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
}

TEST(ToShell, QuotesWhatNeedsIt) {
    EXPECT_EQ(process::to_shell({.argv = {"sh", "-c", "echo $A"}}), "sh -c 'echo $A'");
}

} // namespace
} // namespace kiln::tests
