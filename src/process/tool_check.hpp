#pragma once

#include "process/command.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::process {

/// A program that a build will need.
struct ToolRequirement {
    std::string name;
    /// What it is needed for, as in "qemu-img is needed to write qcow2".
    std::string purpose;
    /// Debian package that holds it.
    std::string package;
};

/// Where a program is, by the PATH of an environment.
std::optional<std::string> find_program(const std::string& name, const Environment& environment);

/// Throws one Error (code tool) that names every missing program and how to install them.
void require_tools(const std::vector<ToolRequirement>& tools, const Environment& environment);

} // namespace kiln::process
