#include "element/break_points.hpp"
#include "unit/util/test_files.hpp"
#include "util/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using element::BreakPoints;
using testing::HasSubstr;

TEST(BreakPoints, AreSeparatedByCommasOrBlanks) {
    const BreakPoints points("before-root,after-pre-install  after-error");
    EXPECT_TRUE(points.at("before-root"));
    EXPECT_TRUE(points.at("after-pre-install"));
    EXPECT_TRUE(points.after_error());
    EXPECT_FALSE(points.at("after-root"));
}

TEST(BreakPoints, MayNameTheFolderOfAPhase) {
    EXPECT_TRUE(BreakPoints("before-install.d").at("before-install"));
    EXPECT_TRUE(BreakPoints("after-install.d/50-nginx").at("after-install/50-nginx"));
}

TEST(BreakPoints, NameOneHookOnlyWhenAsked) {
    const BreakPoints points("before-install/50-nginx");
    EXPECT_TRUE(points.at("before-install/50-nginx"));
    EXPECT_FALSE(points.at("before-install"));
}

TEST(BreakPoints, TellWhichHooksOfAPhaseTheyName) {
    const BreakPoints points("after-install/50-nginx,before-install,before-pre-install/1 "
                             "before-install.d/10-a");
    EXPECT_THAT(points.at_hooks_of("install"),
                testing::ElementsAre("after-install/50-nginx", "before-install/10-a"));
    EXPECT_TRUE(points.at_hooks_of("finalise").empty());
}

TEST(BreakPoints, AreNoneByDefault) {
    EXPECT_TRUE(BreakPoints("").empty());
    EXPECT_TRUE(BreakPoints(" , ").empty());
    EXPECT_FALSE(BreakPoints("after-error").empty());
}

TEST(BreakPoints, RefuseAWordThatNamesNoPlace) {
    for (const char* word : {"before",
                             "before-instal",
                             "install",
                             "after-error/x",
                             "after-first-boot",
                             "before-install/"}) {
        const util::ErrorInfo error = error_of([&] { const BreakPoints points(word); });
        EXPECT_EQ(error.code, util::ExitCode::usage) << word;
        EXPECT_THAT(error.what, HasSubstr(std::string("'") + word + "'"));
        EXPECT_FALSE(error.hint.empty()) << word;
    }
    EXPECT_THAT(error_of([] { const BreakPoints points("before-instal"); }).hint,
                HasSubstr("before-install"));
}

} // namespace
} // namespace kiln::tests
