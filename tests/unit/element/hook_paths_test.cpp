#include "element/hook_paths.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kiln::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> paths(std::string_view text) {
    std::vector<std::string> found;
    for (const element::HookPath& path : element::hook_paths(text)) {
        found.push_back(path.path);
    }
    return found;
}

TEST(HookPaths, AreReadToTheEndOfTheConstantPart) {
    EXPECT_THAT(paths("cat /tmp/in_target.d/lib/a.conf\n"), ElementsAre("lib/a.conf"));
    EXPECT_THAT(paths("x=\"$TMP_HOOKS_PATH/lib/a\"\n"), ElementsAre("lib/a"));
    EXPECT_THAT(paths("\"$TMP_HOOKS_PATH\"/lib//./a;"), ElementsAre("lib/a"));
    EXPECT_THAT(paths("PATH=${TMP_HOOKS_PATH}/bin:$PATH"), ElementsAre("bin"));
    EXPECT_THAT(paths("$TMP_BUILD_DIR/hooks/lib/a "), ElementsAre("lib/a"));
    EXPECT_THAT(paths("$TMP_MOUNT_PATH/tmp/in_target.d/lib/a "), ElementsAre("lib/a"));
}

TEST(HookPaths, EndAtTheFolderOfWhatChanges) {
    EXPECT_THAT(paths("/tmp/in_target.d/lib/$x"), ElementsAre("lib"));
    EXPECT_THAT(paths("/tmp/in_target.d/lib/part-$x.conf"), ElementsAre("lib"));
    EXPECT_THAT(paths("/tmp/in_target.d/lib/\"$x\""), ElementsAre("lib"));
    EXPECT_THAT(paths("/tmp/in_target.d/lib/*.conf"), ElementsAre("lib"));
    EXPECT_THAT(paths("/tmp/in_target.d/lib/{a,b}"), ElementsAre("lib"));
    EXPECT_THAT(paths("/tmp/in_target.d/lib/a\\ b"), ElementsAre("lib"));
}

TEST(HookPaths, OfTheWholeTreeAreEmpty) {
    for (const char* text : {"cd $TMP_HOOKS_PATH\n",
                             "ls /tmp/in_target.d/\n",
                             "cp -r /tmp/in_target.d /x\n",
                             "/tmp/in_target.d/$x\n",
                             "$TMP_HOOKS_PATH/lib/../x\n",
                             "${TMP_HOOKS_PATH%/}/lib\n",
                             "${TMP_HOOKS_PATH:-}/lib\n",
                             "find $TMP_BUILD_DIR\n",
                             "TMP_HOOKS_PATH=/x\n"}) {
        EXPECT_THAT(paths(text), ElementsAre("")) << text;
    }
}

TEST(HookPaths, OtherNamesAreNone) {
    EXPECT_THAT(paths("$TMP_BUILD_DIR/other/x $MY_TMP_HOOKS_PATH_2/x\n"), IsEmpty());
    EXPECT_THAT(paths("echo 'TMP_HOOKS_PATH is not set'\n"), IsEmpty());
    EXPECT_THAT(paths("[ -n \"${TMP_HOOKS_PATH:-}\" ]\n"), IsEmpty());
    EXPECT_THAT(paths(": \"${TMP_HOOKS_PATH:?is not set}\"\n"), IsEmpty());
}

} // namespace
} // namespace kiln::tests
