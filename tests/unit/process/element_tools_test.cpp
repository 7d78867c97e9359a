#include "process/tools/graphviz.hpp"
#include "process/tools/shellcheck.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using process::dot_command;
using process::parse_shellcheck;
using process::shellcheck_command;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Graphviz, GetsTheGraphOnItsInput) {
    const process::Command command = dot_command("digraph {}");
    EXPECT_THAT(command.argv, ElementsAre("dot", "-Tsvg"));
    EXPECT_EQ(command.input, "digraph {}");
    EXPECT_TRUE(command.timeout);
}

TEST(Shellcheck, IsAskedForOneDialect) {
    EXPECT_THAT(shellcheck_command("sh", {"/a", "/b"}).argv,
                ElementsAre("shellcheck",
                            "--norc",
                            "--format=gcc",
                            "--severity=info",
                            "--exclude=SC1090,SC1091,SC2154",
                            "--shell=sh",
                            "--",
                            "/a",
                            "/b"));
}

TEST(Shellcheck, LinesOfItsOutputAreRemarks) {
    const auto remarks = parse_shellcheck("/a b:c:12:3: warning: Do [this]: now. [SC2046]\n");
    ASSERT_THAT(remarks, SizeIs(1));
    EXPECT_EQ(remarks[0].file, "/a b:c");
    EXPECT_EQ(remarks[0].line, 12U);
    EXPECT_EQ(remarks[0].level, "warning");
    EXPECT_EQ(remarks[0].code, "SC2046");
    EXPECT_EQ(remarks[0].message, "Do [this]: now.");
}

TEST(Shellcheck, OtherLinesAreNone) {
    EXPECT_THAT(parse_shellcheck("oh no\n/a:1: error: x\n/a:99999999999:1: error: x [SC1]\n\n"),
                IsEmpty());
}

} // namespace
} // namespace kiln::tests
