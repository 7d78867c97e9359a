#pragma once

#include "check/console.hpp"
#include "check/probe_unit.hpp"
#include "check/qemu.hpp"
#include "report/reporter.hpp"
#include "util/fd.hpp"

#include <optional>
#include <string>

namespace kiln::check {

/// The part of a growing file that was not read yet.
class FileTail {
public:
    /// Makes the file where it is missing.
    explicit FileTail(const std::string& path);
    std::string read_new();

private:
    util::Fd fd_;
    std::string path_;
};

/// Follows what a machine writes until it is clear how the boot went.
class BootWatch {
public:
    /// Gets every console line, under the name of a stage.
    struct Audience {
        report::Reporter& reporter;
        std::string stage;
    };

    BootWatch(const Machine& machine, std::string token, Audience audience);

    /// Reads what is new; true when there is nothing left to wait for.
    bool update();

    [[nodiscard]] const ConsoleWatcher& console() const noexcept { return console_; }

    /// What the unit inside said; nothing before it has said all.
    [[nodiscard]] const std::optional<BootReport>& report() const noexcept { return report_; }

private:
    void show_new_lines();

    FileTail console_tail_;
    FileTail report_tail_;
    std::string token_;
    Audience audience_;
    ConsoleWatcher console_;
    std::size_t shown_ = 0;
    std::string report_text_;
    std::optional<BootReport> report_;
};

} // namespace kiln::check
