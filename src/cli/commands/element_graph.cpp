#include "cli/commands/element_commands.hpp"
#include "cli/element_places.hpp"
#include "cli/places.hpp"
#include "element/graph.hpp"
#include "process/posix_runner.hpp"
#include "process/tools/graphviz.hpp"
#include "util/atomic_file.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace kiln::cli {
namespace {

class ElementGraphCommand : public Command {
public:
    void define(CLI::App& app) override {
        app.add_option("ELEMENT", elements_, "Elements, as for a build")->required();
        app.add_option("--format", format_, "dot, or svg (needs graphviz) [dot]")
            ->check(CLI::IsMember({"dot", "svg"}));
        app.add_option("-o,--output", output_, "Write to this file [standard output]");
        app.add_option("-a,--arch", architecture_, "Architecture: decides on implied elements");
    }

    int run() override {
        if (format_ == "svg") {
            process::require_tools({process::dot_tool()}, process::tool_environment());
        }
        std::string text = element::to_dot(element::make_graph(
            element_catalog(),
            {.elements = elements_, .with_base = false, .architecture = architecture_}));
        if (format_ == "svg") {
            process::PosixRunner runner;
            text = runner.check(process::dot_command(text)).out;
        }
        if (output_.empty()) {
            std::cout << text;
        } else {
            util::write_file_atomically(absolute_path(output_), text);
        }
        return 0;
    }

private:
    std::vector<std::string> elements_;
    std::string format_ = "dot";
    std::string output_;
    std::string architecture_;
};

} // namespace

std::unique_ptr<Command> make_element_graph_command() {
    return std::make_unique<ElementGraphCommand>();
}

} // namespace kiln::cli
