#pragma once

#include "process/command.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace kiln::process {

/// shellcheck(1) over scripts of one dialect ("bash", "sh", "dash").
Command shellcheck_command(const std::string& dialect, const std::vector<std::string>& files);

/// A line of its output in the format of GCC.
struct ShellcheckRemark {
    std::string file;
    std::size_t line = 0;
    /// "error", "warning" or "note".
    std::string level;
    /// "SC2086".
    std::string code;
    std::string message;
};

/// Lines that are of no such form are left out.
std::vector<ShellcheckRemark> parse_shellcheck(const std::string& output);

} // namespace kiln::process
