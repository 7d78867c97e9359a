#pragma once

#include "build/options.hpp"
#include "report/reporter.hpp"
#include "util/error.hpp"

#include <optional>
#include <string>

namespace kiln::build {

/// What crosses the pipe from the worker in the sandbox to the process that shows it: events as
/// they happen, and at last a result or an error.
struct WireEnd {
    std::optional<BuildResult> result{};
    std::optional<util::ErrorInfo> error{};
    /// Whether a shell of the user's has the terminal.
    bool paused = false;
};

std::string to_wire(const BuildResult& result);
std::string to_wire(const util::ErrorInfo& error);

/// Takes one line: hands an event to the reporter, or fills in end.
void receive(const std::string& line, report::Reporter& reporter, WireEnd& end);

} // namespace kiln::build
