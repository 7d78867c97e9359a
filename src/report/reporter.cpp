#include "report/reporter.hpp"

#include <utility>

namespace kiln::report {

void Reporter::info(std::string text) {
    handle({.kind = EventKind::info, .text = std::move(text)});
}

void Reporter::warn(std::string text) {
    handle({.kind = EventKind::warning, .text = std::move(text)});
}

Step::Step(Reporter& reporter, Event event) : reporter_(reporter), event_(std::move(event)) {
    send(EventKind::begin, event_.text);
}

Step::Step(Reporter& reporter, std::string stage)
    : Step(reporter, Event{.stage = std::move(stage)}) {}

Step::~Step() {
    if (open_) {
        try {
            send(EventKind::failed, {});
        } catch (...) { // NOLINT(bugprone-empty-catch): a destructor has nobody left to tell
        }
    }
}

void Step::done(std::string text) {
    open_ = false;
    send(EventKind::end, std::move(text));
}

void Step::progress(std::uint64_t done, std::uint64_t total) {
    event_.done = done;
    event_.total = total;
    send(EventKind::progress, event_.text);
}

void Step::send(EventKind kind, std::string text) {
    Event event = event_;
    event.kind = kind;
    event.text = std::move(text);
    event.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start_);
    reporter_.handle(event);
}

} // namespace kiln::report
