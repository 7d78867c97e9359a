#include "element/finding.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::Finding;
using element::finding_of;
using ::testing::SizeIs;

TEST(FindingOfError, TakesTheLineFromTheText) {
    const util::Error error({.what = "/a/x.yaml:3:5: unknown key 'naem'", .hint = "try it"});
    const Finding finding = finding_of(error, "unknown-key", "/a/x.yaml");
    EXPECT_EQ(finding.line, 3U);
    EXPECT_EQ(finding.message, "unknown key 'naem'; try it");
    EXPECT_EQ(finding.file, "/a/x.yaml");
}

TEST(FindingOfError, WithoutAPlaceIsAboutTheFile) {
    const Finding finding = finding_of(util::Error({.what = "too large"}), "bad-file", "/a/x");
    EXPECT_EQ(finding.line, 0U);
    EXPECT_EQ(finding.message, "too large");
}

TEST(Settle, SortsAndDropsDoubles) {
    std::vector<Finding> findings = {{.rule = "b", .file = "z", .line = 2},
                                     {.rule = "b", .file = "a", .line = 9},
                                     {.rule = "b", .file = "z", .line = 2}};
    element::settle(findings);
    ASSERT_THAT(findings, SizeIs(2));
    EXPECT_EQ(findings[0].file, "a");
}

} // namespace
} // namespace kiln::tests
