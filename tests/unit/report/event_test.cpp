#include "report/event.hpp"
#include "report/json_reporter.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using report::Event;
using report::EventKind;

TEST(EventJson, ComesBackAsItWas) {
    const Event event = {.kind = EventKind::failed,
                         .stage = "install",
                         .element = "nginx",
                         .hook = "20-nginx",
                         .text = "a \"quote\"\tand ✓",
                         .elapsed = std::chrono::milliseconds(1234)};
    const Event copy = report::event_from_json(report::to_json(event));
    EXPECT_EQ(copy.kind, event.kind);
    EXPECT_EQ(copy.stage, event.stage);
    EXPECT_EQ(copy.element, event.element);
    EXPECT_EQ(copy.hook, event.hook);
    EXPECT_EQ(copy.text, event.text);
    EXPECT_EQ(copy.elapsed, event.elapsed);
}

TEST(EventJson, KeepsProgress) {
    const Event event = {.kind = EventKind::progress, .done = 5, .total = 1ULL << 40U};
    const Event copy = report::event_from_json(report::to_json(event));
    EXPECT_EQ(copy.done, 5U);
    EXPECT_EQ(copy.total, 1ULL << 40U);
}

TEST(EventJson, ReplacesBytesThatAreNoUtf8) {
    const std::string line = report::to_json({.kind = EventKind::output, .text = "a\xff\xfe z\n"});
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(report::event_from_json(line).text, "a\uFFFD\uFFFD z\n");
}

TEST(EventJson, RefusesLinesThatAreNoEvents) {
    for (const char* line : {"",
                             "text",
                             "[]",
                             "{}",
                             R"({"event":"party"})",
                             R"({"event":"info",)",
                             R"({"event":"info","text":5})",
                             R"({"event":1})",
                             R"({"event":"progress","done":"x"})"}) {
        EXPECT_THROW(report::event_from_json(line), util::Error) << line;
    }
}

TEST(EventJson, IsOneLineAnEvent) {
    const TestFiles files;
    const util::Fd fd = util::open_file(files / "events", O_WRONLY | O_CREAT);
    report::JsonReporter reporter(fd.get());
    reporter.info("first\nsecond");
    reporter.warn("third");
    EXPECT_EQ(files.read("events"),
              "{\"event\":\"info\",\"text\":\"first\\nsecond\"}\n"
              "{\"event\":\"warning\",\"text\":\"third\"}\n");
}

} // namespace
} // namespace kiln::tests
