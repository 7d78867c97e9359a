#include "build/wire.hpp"
#include "support/memory_reporter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using build::receive;
using build::to_wire;
using build::WireEnd;
using ::testing::ElementsAre;

WireEnd received(const std::string& line) {
    MemoryReporter reporter;
    WireEnd end;
    receive(line, reporter, end);
    EXPECT_TRUE(reporter.events.empty());
    return end;
}

TEST(Wire, BringsAResultAcross) {
    const WireEnd end = received(
        to_wire(build::BuildResult{.files = {"/a b.qcow2", "/\"c\".raw"}, .disk_size = 7}));
    ASSERT_TRUE(end.result);
    EXPECT_FALSE(end.error);
    EXPECT_THAT(end.result->files, ElementsAre("/a b.qcow2", "/\"c\".raw"));
    EXPECT_EQ(end.result->disk_size, 7U);
}

TEST(Wire, BringsAnErrorAcross) {
    const WireEnd end = received(to_wire(util::ErrorInfo{.what = "what\nof two lines",
                                                         .hint = "hint",
                                                         .code = util::ExitCode::hook,
                                                         .where = {"one", "two"},
                                                         .log = "/log",
                                                         .excerpt = {"a", ""}}));
    ASSERT_TRUE(end.error);
    EXPECT_EQ(end.error->what, "what\nof two lines");
    EXPECT_EQ(end.error->hint, "hint");
    EXPECT_EQ(end.error->code, util::ExitCode::hook);
    EXPECT_THAT(end.error->where, ElementsAre("one", "two"));
    EXPECT_EQ(end.error->log, "/log");
    EXPECT_THAT(end.error->excerpt, ElementsAre("a", ""));
}

TEST(Wire, IsOneLineWhateverAHookWrote) {
    const std::string line = to_wire(util::ErrorInfo{.what = "bytes: \xff\xfe\n\x01"});
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_TRUE(received(line).error);
}

TEST(Wire, HandsEventsToTheReporter) {
    MemoryReporter reporter;
    WireEnd end;
    receive(report::to_json({.kind = report::EventKind::output, .text = "{\"error\": 1}"}),
            reporter,
            end);
    EXPECT_THAT(reporter.texts(report::EventKind::output), ElementsAre("{\"error\": 1}"));
    EXPECT_FALSE(end.error);
}

TEST(Wire, RefusesWhatIsNeither) {
    MemoryReporter reporter;
    WireEnd end;
    EXPECT_THROW(receive("no JSON", reporter, end), util::Error);
    EXPECT_THROW(receive("{}", reporter, end), util::Error);
}

} // namespace
} // namespace kiln::tests
