#pragma once

#include "base/image_cache.hpp"
#include "base/image_source.hpp"
#include "process/command.hpp"
#include "report/fan_out.hpp"
#include "report/terminal_reporter.hpp"

#include <chrono>

namespace kiln::cli {

/// A line every few seconds of a long download, for the log of a hook.
class ProgressLines : public report::Reporter {
public:
    explicit ProgressLines(report::Reporter& out) : out_(out) {}

    void handle(const report::Event& event) override;

private:
    report::Reporter& out_;
    std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
};

/// Plain lines on standard error, for tools whose output is a log.
class PlainReporter : public report::FanOut {
public:
    PlainReporter();

private:
    report::TerminalReporter terminal_;
    ProgressLines progress_;
};

/// The base image that an element's environment describes, fetched and verified. SIGINT and the
/// like end it: util::Interrupted. Throws util::Error.
base::ImageInUse obtain_base_image(const base::ImageSource& source,
                                   const process::Environment& environment,
                                   process::Runner& runner,
                                   report::Reporter& reporter);

} // namespace kiln::cli
