#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace kiln::report {

/// pause and resume: between them a shell of the user's has the terminal.
enum class EventKind { begin, end, failed, output, info, warning, progress, pause, resume };

/// One thing that happened. A stage is a phase or a step of kiln's own ("install", "disk"); within
/// it a hook may run.
struct Event {
    EventKind kind = EventKind::info;
    std::string stage{};
    /// Element and name of the hook; empty for an event of the stage itself.
    std::string element{};
    std::string hook{};
    /// Message, output line, or what makes progress.
    std::string text{};
    /// Bytes, for progress; total is 0 where it is not known.
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    /// For end and failed: how long it took.
    std::chrono::milliseconds elapsed{};
};

/// One line of JSON without its line end: the `--json` format, and the way an event crosses from
/// the sandbox to the process that shows it.
std::string to_json(const Event& event);

/// The reverse; throws Error on a line that is no event.
Event event_from_json(const std::string& line);

/// "begin", "output", ...
std::string kind_name(EventKind kind);

} // namespace kiln::report
