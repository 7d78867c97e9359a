#include "report/terminal_reporter.hpp"

#include "report/progress_text.hpp"
#include "util/output.hpp"
#include "util/text.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <utility>

namespace kiln::report {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds k_redraw{100};
constexpr milliseconds k_worth_telling{1000};
/// How often a line tells of progress where none can be changed.
constexpr milliseconds k_plain_progress{10000};

std::string name_of(const Event& event) {
    std::string name = event.stage;
    if (!event.hook.empty()) {
        name += "  " + event.element + "/" + event.hook;
    }
    return name;
}

std::size_t terminal_width(int fd) {
    winsize size = {};
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

} // namespace

TerminalReporter::TerminalReporter(int fd, TerminalStyle style, OutputLevel level)
    : fd_(fd), style_(style), level_(level) {}

TerminalReporter::~TerminalReporter() {
    clear_live_line();
}

void TerminalReporter::handle(const Event& event) {
    switch (event.kind) {
    case EventKind::begin:
        show_begin(event);
        break;
    case EventKind::end:
    case EventKind::failed:
        show_end(event);
        break;
    case EventKind::output:
        if (level_ == OutputLevel::all) {
            print_line("    " + event.text);
        }
        break;
    case EventKind::info:
        print_line(event.text);
        break;
    case EventKind::warning:
        print_line("warning: " + event.text);
        break;
    case EventKind::pause:
        clear_live_line();
        running_ = false;
        break;
    case EventKind::resume:
        break;
    case EventKind::progress:
        show_progress(event);
        break;
    }
    tick();
}

void TerminalReporter::tick() {
    if (style_ == TerminalStyle::live && running_ && steady_clock::now() - drawn_ >= k_redraw) {
        draw_live_line();
    }
}

void TerminalReporter::show_begin(const Event& event) {
    current_ = event;
    current_.done = 0;
    current_.total = 0;
    current_.elapsed = {};
    since_ = steady_clock::now();
    running_ = true;
    if (style_ == TerminalStyle::plain && event.hook.empty()) {
        print_line("==> " + event.stage + (event.text.empty() ? "" : ": " + event.text));
    }
}

void TerminalReporter::show_progress(const Event& event) {
    // Of several that run at a time the last one is shown.
    const bool same = event.stage == current_.stage && event.hook == current_.hook;
    if (!same) {
        current_.stage = event.stage;
        current_.element = event.element;
        current_.hook = event.hook;
    }
    current_.done = event.done;
    current_.total = event.total;
    current_.elapsed = event.elapsed;
    const auto now = steady_clock::now();
    if (style_ == TerminalStyle::plain && now - drawn_ >= k_plain_progress &&
        event.elapsed >= k_plain_progress) {
        drawn_ = now;
        print_line("        " + name_of(event) + "  " +
                   progress_text(event.done, event.total, event.elapsed));
    }
}

void TerminalReporter::show_end(const Event& event) {
    running_ = false;
    const std::string took = util::human_duration(event.elapsed);
    if (event.kind == EventKind::failed) {
        print_line("FAILED  " + name_of(event) + "  (" + took + ")");
        return;
    }
    const std::string result = event.text.empty() ? "" : "  " + event.text;
    const bool hook = !event.hook.empty();
    if (style_ == TerminalStyle::live && !hook) {
        print_line("done    " + name_of(event) + result + "  (" + took + ")");
    } else if (hook && event.elapsed >= k_worth_telling) {
        print_line("        " + name_of(event) + result + "  (" + took + ")");
    } else if (!hook && !result.empty()) {
        print_line("       " + result);
    }
}

void TerminalReporter::print_line(const std::string& line) {
    clear_live_line();
    // Nobody is left to tell when the terminal has gone.
    util::write_unless_ended(fd_, line + "\n");
}

void TerminalReporter::clear_live_line() {
    if (line_shown_ && util::takes_output(fd_)) {
        util::write_unless_ended(fd_, "\r\033[K");
        line_shown_ = false;
    }
}

void TerminalReporter::draw_live_line() {
    if (!util::takes_output(fd_)) {
        return;
    }
    drawn_ = steady_clock::now();
    const auto elapsed = duration_cast<milliseconds>(drawn_ - since_);
    const auto running = current_.elapsed.count() > 0 ? current_.elapsed : elapsed;
    const std::string progress = progress_text(current_.done, current_.total, running);
    std::string line = "        " + name_of(current_) + (progress.empty() ? "" : "  ") + progress +
                       "  " + util::human_duration(running);
    line = line.substr(0, terminal_width(fd_) - 1);
    const std::string text = "\r\033[K" + line;
    util::write_unless_ended(fd_, text);
    line_shown_ = true;
}

} // namespace kiln::report
