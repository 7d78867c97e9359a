#pragma once

#include "process/command.hpp"
#include "process/tool_check.hpp"

#include <string>

namespace kiln::process {

/// dot(1) of Graphviz: a picture (SVG) of a graph on its standard output.
Command dot_command(const std::string& graph);

ToolRequirement dot_tool();

} // namespace kiln::process
