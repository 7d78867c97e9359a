#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln::check {

/// What a boot came to.
enum class BootVerdict {
    /// The token came from inside and no unit had failed.
    booted,
    /// Neither the token nor a known failure within the time.
    timed_out,
    /// The kernel gave up.
    panicked,
    /// Firmware or bootloader gave up before a kernel ran.
    no_bootloader,
    /// The system came up wrong: emergency mode, failed units, or it ended before it was up.
    guest_failed,
    /// kiln has no way to get the token out of this image; that is no pass.
    untestable
};

/// "booted", "timed-out", ...: for --json and JUnit.
std::string verdict_name(BootVerdict verdict);

/// A failure that a line of the console tells.
struct ConsoleFailure {
    BootVerdict verdict;
    /// What it means, and the line in quotes.
    std::string reason;
};

/// Reads the serial console of a machine while it runs: firmware, bootloader, kernel, systemd.
class ConsoleWatcher {
public:
    /// Any piece of output, also half lines: prompts have no line end.
    void add(std::string_view chunk);

    /// The first failure seen.
    [[nodiscard]] const std::optional<ConsoleFailure>& failure() const noexcept { return failure_; }

    /// All lines so far, without escape sequences.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    /// The last unit that systemd said it started, reached, finished or mounted.
    [[nodiscard]] const std::string& last_unit() const noexcept { return last_unit_; }

private:
    enum class State { plain, escape, sequence };

    void add_byte(char byte);
    void end_line();
    void examine();

    State state_ = State::plain;
    std::string line_;
    std::string text_;
    std::string last_unit_;
    std::optional<ConsoleFailure> failure_;
};

} // namespace kiln::check
