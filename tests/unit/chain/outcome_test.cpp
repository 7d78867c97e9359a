#include "chain/outcome.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using chain::Standing;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

chain::ImageOutcome failed_outcome() {
    return {.name = "web",
            .standing = Standing::failed,
            .started = "2026-01-01T00:00:00Z",
            .elapsed = milliseconds(2005),
            .built = 5,
            .build_changed = true,
            .files = {{"/o/web.qcow2", "qcow2", 7, "ab"}},
            .tests = {{"a<b", "/o/web.qcow2", false, false, milliseconds(40), "x & \"y\"\x01"}},
            .published = {{"s",
                           "/o/web.qcow2",
                           "folder '/s'",
                           "1",
                           "web",
                           true,
                           {"uploaded it"},
                           "current",
                           {{"a", "b"}}}},
            .failed_stores = {{"p", {.what = "gone", .code = util::ExitCode::remote}}},
            .outputs = {"/o/stack"},
            .notes = {"note"},
            .stages = {{"build", milliseconds(1001)}, {"test", milliseconds(40)}},
            .failed_stage = "test",
            .error = util::ErrorInfo{.what = "test failed", .code = util::ExitCode::test},
            .log = "/o/log"};
}

chain::ImageOutcome plain(Standing standing) {
    return {.name = "i", .standing = standing};
}

TEST(Outcome, CrossesAsJsonWithoutALoss) {
    const std::string line = chain::to_json(failed_outcome());
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const chain::ImageOutcome read = chain::outcome_from_json(line);
    EXPECT_EQ(chain::to_json(read), line);
    EXPECT_EQ(read.elapsed, milliseconds(2005));
    EXPECT_EQ(read.error->code, util::ExitCode::test);
    EXPECT_EQ(read.failed_stores.front().error.code, util::ExitCode::remote);
}

TEST(Outcome, IsNotReadFromAnythingElse) {
    EXPECT_THAT(error_of([] { (void)chain::outcome_from_json("{\"name\": 1}"); }).what,
                HasSubstr("no outcome"));
}

TEST(Outcome, TheExitCodeTellsAllSomeOrNone) {
    using chain::exit_code_of;
    const auto done = plain(Standing::done);
    const auto failed = failed_outcome();
    EXPECT_EQ(exit_code_of({}), util::ExitCode::ok);
    EXPECT_EQ(exit_code_of({.images = {done, plain(Standing::unchanged)}}), util::ExitCode::ok);
    EXPECT_EQ(exit_code_of({.images = {done, failed}}), util::ExitCode::partial);
    EXPECT_EQ(exit_code_of({.images = {failed, failed}}), util::ExitCode::test);
    EXPECT_EQ(exit_code_of({.images = {plain(Standing::interrupted)}}), util::ExitCode::failed);
}

TEST(Outcome, JUnitHasACaseForEachStepAndEscapesTexts) {
    EXPECT_EQ(chain::to_junit({.images = {failed_outcome()}}),
              R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="web" tests="4" failures="2" errors="0" skipped="0" time="2.005" timestamp="2026-01-01T00:00:00Z">
    <testcase classname="web" name="build" time="1.001"/>
    <testcase classname="web" name="test a&lt;b" time="0.040">
      <failure message="x &amp; &quot;y&quot;?">x &amp; &quot;y&quot;?</failure>
    </testcase>
    <testcase classname="web" name="publish to folder '/s'" time="0.000"/>
    <testcase classname="web" name="publish to p" time="0.000">
      <failure message="gone">gone
</failure>
    </testcase>
  </testsuite>
</testsuites>
)");
}

TEST(Outcome, JUnitNeverHidesAFailure) {
    chain::ImageOutcome outcome = failed_outcome();
    outcome.failed_stores.clear();
    outcome.tests.front().passed = true;
    EXPECT_THAT(chain::to_junit({.images = {outcome}}), HasSubstr("failures=\"1\""));
    outcome.failed_stage = "prepare";
    EXPECT_THAT(chain::to_junit({.images = {outcome}}), HasSubstr("name=\"prepare\""));
}

} // namespace
} // namespace kiln::tests
