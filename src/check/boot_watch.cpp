#include "check/boot_watch.hpp"

#include "util/error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace kiln::check {

FileTail::FileTail(const std::string& path)
    : fd_(util::open_file(path, O_RDONLY | O_CREAT, 0600)), path_(path) {}

std::string FileTail::read_new() {
    std::string text;
    std::array<char, 65536> buffer{};
    while (true) {
        const ssize_t count = ::read(fd_.get(), buffer.data(), buffer.size());
        if (count < 0) {
            util::throw_errno("cannot read '" + path_ + "'");
        }
        if (count == 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

BootWatch::BootWatch(const Machine& machine, std::string token, Audience audience)
    : console_tail_(machine.console_file),
      report_tail_(machine.report_file),
      token_(std::move(token)),
      audience_(std::move(audience)) {}

bool BootWatch::update() {
    console_.add(console_tail_.read_new());
    show_new_lines();
    report_text_ += report_tail_.read_new();
    report_ = find_report(report_text_, token_);
    if (!report_) {
        report_ = find_report(console_.text(), token_);
    }
    return report_.has_value() || console_.failure().has_value();
}

void BootWatch::show_new_lines() {
    const std::string& text = console_.text();
    if (shown_ == text.size()) {
        audience_.reporter.tick();
    }
    while (shown_ < text.size()) {
        const std::size_t end = text.find('\n', shown_);
        audience_.reporter.handle({.kind = report::EventKind::output,
                                   .stage = audience_.stage,
                                   .text = text.substr(shown_, end - shown_)});
        shown_ = end + 1;
    }
}

} // namespace kiln::check
