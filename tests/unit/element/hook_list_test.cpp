#include "element/hook_list.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::HookList;
using element::list_hooks;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Hooks : public ::testing::Test {
protected:
    void hook(const std::string& name, unsigned mode = 0755) {
        files.write("install.d/" + name, "#!/bin/sh\n", mode);
    }

    [[nodiscard]] HookList list() const { return list_hooks(files / "install.d"); }

    TestFiles files{};
};

TEST_F(Hooks, R1RunInTheOrderOfTheirNumbers) {
    for (const char* name : {"100", "20", "2", "15", "9", "010", "10"}) {
        hook(name);
    }
    EXPECT_THAT(list().hooks, ElementsAre("2", "9", "010", "10", "15", "20", "100"));
}

TEST_F(Hooks, R1WithoutANumberComeFirstAndTiesGoByBytes) {
    for (const char* name : {"20_f",
                             "10-a",
                             "100-c",
                             "abc",
                             "1e1-q",
                             "2-two",
                             "9-b",
                             "010-z",
                             "10-B",
                             "15-link",
                             "Zed",
                             "-x"}) {
        hook(name);
    }
    EXPECT_THAT(list().hooks,
                ElementsAre("-x",
                            "Zed",
                            "abc",
                            "1e1-q",
                            "2-two",
                            "9-b",
                            "010-z",
                            "10-B",
                            "10-a",
                            "15-link",
                            "20_f",
                            "100-c"));
}

TEST_F(Hooks, R1CompareNumbersOfAnyLength) {
    EXPECT_TRUE(element::runs_before("99999999999999999999-a", "100000000000000000000-a"));
    EXPECT_TRUE(element::runs_before("-5", "-4"));
    EXPECT_TRUE(element::runs_before("-1", "a"));
    EXPECT_TRUE(element::runs_before("1.5", "1.75"));
    EXPECT_FALSE(element::runs_before("10-a", "10-a"));
}

TEST_F(Hooks, R2NamesWithOtherCharactersAreSkipped) {
    for (const char* name : {"10-ok", "50-foo.sh", "x.bak", ".hidden", "20-old~", "30 blank"}) {
        hook(name);
    }
    EXPECT_THAT(list().hooks, ElementsAre("10-ok"));
    ASSERT_EQ(list().skipped.size(), 3U);
    EXPECT_EQ(list().skipped.back().name, "50-foo.sh");
    EXPECT_EQ(list().skipped.back().reason, "its name does not match ^[0-9A-Za-z_-]+$");
}

TEST_F(Hooks, DataBesideThemIsNotToldOf) {
    hook("serial-console.rules", 0644);
    hook("dhcp.sh");
    hook("notes", 0644);
    EXPECT_THAT(list().hooks, IsEmpty());
    EXPECT_THAT(list().skipped, IsEmpty());
}

TEST_F(Hooks, R3FilesThatAreNotExecutableAreSkipped) {
    hook("10-data", 0644);
    EXPECT_THAT(list().hooks, IsEmpty());
    EXPECT_EQ(list().skipped.at(0).reason, "it is not executable");
}

TEST_F(Hooks, R4LinksToExecutablesRunAndOthersDoNot) {
    files.write("tool", "#!/bin/sh\n", 0755);
    files.link("../tool", "install.d/10-link");
    files.link("nowhere", "install.d/20-broken");
    files.directory("install.d/folder");
    files.link("folder", "install.d/30-folder");
    EXPECT_THAT(list().hooks, ElementsAre("10-link"));
    ASSERT_EQ(list().skipped.size(), 2U);
    EXPECT_EQ(list().skipped[0].reason, "it is a link that leads to no file");
}

TEST_F(Hooks, R9AFolderThatIsNotThereHasNone) {
    EXPECT_THAT(list_hooks(files / "nowhere").hooks, IsEmpty());
}

TEST_F(Hooks, R10AnEmptyFolderHasNone) {
    files.directory("install.d");
    EXPECT_THAT(list().hooks, IsEmpty());
    EXPECT_THAT(list().skipped, IsEmpty());
}

TEST_F(Hooks, R13TakeAnotherNamePattern) {
    hook("50-foo.sh");
    hook("60-bar");
    EXPECT_THAT(list_hooks(files / "install.d", "[.]sh$").hooks, ElementsAre("50-foo.sh"));
}

TEST_F(Hooks, R13RefuseABadPattern) {
    const util::ErrorInfo error = error_of([&] { list_hooks(files / "install.d", "["); });
    EXPECT_THAT(error.what, ::testing::StartsWith("RUN_PARTS_REGEX '[' is no regular expression"));
    EXPECT_EQ(error.code, util::ExitCode::usage);
}

TEST_F(Hooks, R6EnvironmentFilesGoByBytes) {
    for (const char* name : {"20-x", "05", "100-x", "10-a.bash", "30-old~"}) {
        files.write(std::string("environment.d/") + name, "");
    }
    files.link("05", "environment.d/40-link");
    files.directory("environment.d/folder");
    EXPECT_THAT(element::environment_files(files / "environment.d"),
                ElementsAre("05", "10-a.bash", "100-x", "20-x", "40-link"));
    EXPECT_THAT(element::environment_files(files / "nowhere"), IsEmpty());
}

} // namespace
} // namespace kiln::tests
