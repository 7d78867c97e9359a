#include "process/tools/graphviz.hpp"

namespace kiln::process {

Command dot_command(const std::string& graph) {
    return {.argv = {"dot", "-Tsvg"},
            .environment = tool_environment(),
            .input = graph,
            .timeout = std::chrono::seconds(60)};
}

ToolRequirement dot_tool() {
    return {.name = "dot", .purpose = "draws a graph as SVG", .package = "graphviz"};
}

} // namespace kiln::process
