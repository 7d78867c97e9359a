#pragma once

#include "report/reporter.hpp"

#include <string>

namespace kiln::report {

enum class TerminalStyle { plain, live };

/// For people. live: one line that changes shows what runs now; plain: a line a step, for files
/// and CI. Hook output is shown only with OutputLevel::all.
class TerminalReporter : public Reporter {
public:
    enum class OutputLevel { summary, all };

    /// The descriptor stays the caller's.
    TerminalReporter(int fd, TerminalStyle style, OutputLevel level);
    TerminalReporter(const TerminalReporter&) = delete;
    TerminalReporter& operator=(const TerminalReporter&) = delete;
    TerminalReporter(TerminalReporter&&) = delete;
    TerminalReporter& operator=(TerminalReporter&&) = delete;
    ~TerminalReporter() override;

    void handle(const Event& event) override;
    void tick() override;

private:
    void show_begin(const Event& event);
    void show_progress(const Event& event);
    void show_end(const Event& event);
    void print_line(const std::string& line);
    void clear_live_line();
    void draw_live_line();

    int fd_;
    TerminalStyle style_;
    OutputLevel level_;
    Event current_{};
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point drawn_{};
    bool running_ = false;
    bool line_shown_ = false;
};

} // namespace kiln::report
