#include "cli/reporting.hpp"

#include "report/json_reporter.hpp"
#include "report/log_reporter.hpp"
#include "report/terminal_reporter.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>

namespace kiln::cli {

void ReportingFlags::define(CLI::App& app) {
    app.add_flag("--json", json_, "Events as JSON lines on stderr");
    app.add_flag("-v,--verbose", verbose_, "Show the output of hooks");
    app.add_flag("-q,--quiet", quiet_, "Show nothing but errors and the result");
    app.add_option("--logfile", log_file_, "Append all events and hook output to this file");
}

void ReportingFlags::define_for_stores(CLI::App& app) {
    app.add_flag("--json", json_, "The result as a JSON document; events as JSON lines on stderr");
    app.add_flag("-v,--verbose", verbose_, "Accepted; all is shown anyhow");
    app.add_flag("-q,--quiet", quiet_, "Show nothing but errors and the result");
    app.add_option("--logfile", log_file_, "Append all events to this file");
}

void ReportingFlags::add_to(report::FanOut& reporters) const {
    using report::TerminalReporter;
    if (json_) {
        reporters.add(std::make_unique<report::JsonReporter>(STDERR_FILENO));
    } else if (!quiet_) {
        const auto style = ::isatty(STDERR_FILENO) != 0 ? report::TerminalStyle::live
                                                        : report::TerminalStyle::plain;
        const auto level =
            verbose_ ? TerminalReporter::OutputLevel::all : TerminalReporter::OutputLevel::summary;
        reporters.add(std::make_unique<TerminalReporter>(STDERR_FILENO, style, level));
    }
    if (!log_file_.empty()) {
        reporters.add(report::make_file_reporter(log_file_));
    }
}

} // namespace kiln::cli
