#pragma once

#include "process/command.hpp"

#include <string>

namespace kiln::disk {

/// Throws Error for a program that failed: "disk full" with the path (code failed) when its output
/// says that the host has no space left, else its own last lines (code tool).
[[noreturn]] void throw_tool_failure(const process::Command& command,
                                     const process::Result& result,
                                     const std::string& path);

/// Runs a program that writes to path; every exit code but 0 is such an Error.
void run_writer(process::Runner& runner, const process::Command& command, const std::string& path);

} // namespace kiln::disk
