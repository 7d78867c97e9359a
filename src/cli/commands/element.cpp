#include "cli/commands/commands.hpp"
#include "cli/commands/element_commands.hpp"
#include "util/error.hpp"

#include <CLI/CLI.hpp>

#include <utility>
#include <vector>

namespace kiln::cli {
namespace {

/// `kiln element`: looks at elements; its subcommands do the work.
class ElementCommand : public Command {
public:
    void define(CLI::App& app) override {
        add(app, "list", "names, purposes and places", make_element_list_command());
        add(app, "show", "what an element is and does", make_element_show_command());
        add(app, "graph", "what elements need, as DOT or SVG", make_element_graph_command());
        add(app, "lint", "find mistakes in elements", make_element_lint_command());
        app.require_subcommand(1);
    }

    int run() override {
        for (const auto& [app, command] : commands_) {
            if (app->parsed()) {
                return command->run();
            }
        }
        return static_cast<int>(util::ExitCode::usage);
    }

private:
    void add(CLI::App& app,
             const std::string& name,
             const std::string& summary,
             std::unique_ptr<Command> command) {
        CLI::App* sub = app.add_subcommand(name, summary);
        command->define(*sub);
        commands_.emplace_back(sub, std::move(command));
    }

    std::vector<std::pair<CLI::App*, std::unique_ptr<Command>>> commands_;
};

} // namespace

std::unique_ptr<Command> make_element_command() {
    return std::make_unique<ElementCommand>();
}

} // namespace kiln::cli
