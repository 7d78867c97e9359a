#include "report/fan_out.hpp"
#include "report/log_reporter.hpp"
#include "report/terminal_reporter.hpp"
#include "report/timings.hpp"
#include "support/memory_reporter.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace kiln::tests {
namespace {

using report::Event;
using report::EventKind;
using report::Step;
using report::TerminalReporter;
using report::TerminalStyle;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

TEST(StepTest, BeginsAndEnds) {
    MemoryReporter reporter;
    {
        Step step(reporter, "disk");
        step.progress(1, 2);
        step.done("2 GiB");
    }
    ASSERT_EQ(reporter.events.size(), 3U);
    EXPECT_EQ(reporter.events[0].kind, EventKind::begin);
    EXPECT_EQ(reporter.events[1].total, 2U);
    EXPECT_EQ(reporter.events[2].kind, EventKind::end);
    EXPECT_EQ(reporter.events[2].stage, "disk");
    EXPECT_EQ(reporter.events[2].text, "2 GiB");
}

TEST(StepTest, FailsWhenItIsLeft) {
    MemoryReporter reporter;
    try {
        const Step step(reporter, "disk");
        throw std::runtime_error("x");
    } catch (const std::runtime_error&) {
        EXPECT_EQ(reporter.events.back().kind, EventKind::failed);
        EXPECT_EQ(reporter.events.back().stage, "disk");
    }
}

TEST(FanOutTest, TellsEveryReporter) {
    report::FanOut fan_out;
    auto first = std::make_unique<MemoryReporter>();
    auto second = std::make_unique<MemoryReporter>();
    const MemoryReporter& one = *first;
    const MemoryReporter& other = *second;
    fan_out.add(std::move(first));
    fan_out.add(std::move(second));
    fan_out.info("hello");
    EXPECT_THAT(one.texts(EventKind::info), ElementsAre("hello"));
    EXPECT_THAT(other.texts(EventKind::info), ElementsAre("hello"));
}

TEST(TimingsTest, ShowStagesAndTheHooksThatTookLong) {
    report::Timings timings;
    timings.handle({.kind = EventKind::end,
                    .stage = "install",
                    .element = "a",
                    .hook = "10-long",
                    .elapsed = milliseconds(7000)});
    timings.handle({.kind = EventKind::end,
                    .stage = "install",
                    .element = "a",
                    .hook = "20-short",
                    .elapsed = milliseconds(10)});
    timings.handle({.kind = EventKind::end, .stage = "install", .elapsed = milliseconds(7500)});
    timings.handle({.kind = EventKind::failed, .stage = "disk", .elapsed = milliseconds(2500)});
    EXPECT_THAT(timings.table(),
                ElementsAre(MatchesRegex("  install +7.5 s +75 %"),
                            MatchesRegex("    a/10-long +7.0 s +70 %"),
                            MatchesRegex("  disk +2.5 s +25 %"),
                            MatchesRegex("  total +10.0 s +100 %")));
}

TEST(TimingsTest, AreEmptyBeforeAnythingRan) {
    EXPECT_THAT(report::Timings().table(), ElementsAre(MatchesRegex("  total +0.0 s +0 %")));
}

TEST(LogReporterTest, WritesTheBuildLogAndAFileAHook) {
    const TestFiles files;
    report::LogReporter reporter(files.path());
    reporter.handle({.kind = EventKind::output,
                     .stage = "install",
                     .element = "a",
                     .hook = "10-x",
                     .text = "one"});
    reporter.handle({.kind = EventKind::output,
                     .stage = "install",
                     .element = "b",
                     .hook = "20-y",
                     .text = "two"});
    reporter.handle({.kind = EventKind::output,
                     .stage = "install",
                     .element = "a",
                     .hook = "10-x",
                     .text = "three"});
    reporter.handle({.kind = EventKind::progress, .stage = "disk", .done = 1});
    reporter.warn("careful");
    EXPECT_EQ(files.read("install.d-10-x.log"), "one\nthree\n");
    EXPECT_EQ(files.read("install.d-20-y.log"), "two\n");
    EXPECT_THAT(files.read("build.log"), HasSubstr(" output install a 10-x: one\n"));
    EXPECT_THAT(files.read("build.log"), HasSubstr(" warning: careful\n"));
    EXPECT_THAT(files.read("build.log"), Not(HasSubstr("progress")));
}

TEST(LogReporterTest, SaysWhichLogCannotBeWritten) {
    const TestFiles files;
    files.write("file", "");
    const util::ErrorInfo error =
        error_of([&] { static_cast<void>(report::make_file_reporter(files / "file/log")); });
    EXPECT_THAT(error.what, HasSubstr("cannot write the log"));
}

/// What a terminal reporter writes to something that is no terminal.
std::string shown(TerminalReporter::OutputLevel level, const std::vector<Event>& events) {
    util::Pipe pipe = util::make_pipe();
    {
        TerminalReporter reporter(pipe.write.get(), TerminalStyle::plain, level);
        for (const Event& event : events) {
            reporter.handle(event);
        }
        reporter.tick();
    }
    pipe.write.reset();
    return util::read_all(pipe.read.get(), "pipe");
}

const std::vector<Event>& small_build() {
    static const std::vector<Event> k_events = {
        {.kind = EventKind::begin, .stage = "install"},
        {.kind = EventKind::begin, .stage = "install", .element = "a", .hook = "10-x"},
        {.kind = EventKind::output,
         .stage = "install",
         .element = "a",
         .hook = "10-x",
         .text = "hi"},
        {.kind = EventKind::progress, .stage = "install", .done = 1, .total = 2},
        {.kind = EventKind::end,
         .stage = "install",
         .element = "a",
         .hook = "10-x",
         .elapsed = milliseconds(2000)},
        {.kind = EventKind::warning, .text = "careful"},
        {.kind = EventKind::failed, .stage = "install", .elapsed = milliseconds(2100)},
    };
    return k_events;
}

TEST(TerminalReporterTest, PlainOutputIsALineAStep) {
    EXPECT_EQ(shown(TerminalReporter::OutputLevel::summary, small_build()),
              "==> install\n"
              "        install  a/10-x  (2.0 s)\n"
              "warning: careful\n"
              "FAILED  install  (2.1 s)\n");
}

TEST(TerminalReporterTest, ShowsHookOutputWhenAsked) {
    EXPECT_THAT(shown(TerminalReporter::OutputLevel::all, small_build()), HasSubstr("\n    hi\n"));
}

TEST(TerminalReporterTest, PlainOutputHasNoControlCharacters) {
    EXPECT_THAT(shown(TerminalReporter::OutputLevel::all, small_build()), Not(HasSubstr("\033")));
}

} // namespace
} // namespace kiln::tests
