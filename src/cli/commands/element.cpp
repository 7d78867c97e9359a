#include "cli/commands/commands.hpp"
#include "cli/commands/element_commands.hpp"
#include "util/edit_distance.hpp"
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
        // A word that is none is left over, for run() to name.
        app.require_subcommand(0, 1)->allow_extras();
        app_ = &app;
    }

    int run() override {
        for (const auto& [app, command] : commands_) {
            if (app->parsed()) {
                return command->run();
            }
        }
        const std::vector<std::string> words = app_->remaining();
        const std::string see = "see the list: kiln element --help";
        throw util::Error(
            {.what = words.empty() ? "'kiln element' needs a subcommand"
                                   : "unknown command 'element " + words.front() + "'",
             .hint = words.empty() ? see : util::did_you_mean(words.front(), names(), see),
             .code = util::ExitCode::usage});
    }

private:
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& [app, command] : commands_) {
            names.push_back(app->get_name());
        }
        return names;
    }

    void add(CLI::App& app,
             const std::string& name,
             const std::string& summary,
             std::unique_ptr<Command> command) {
        CLI::App* sub = app.add_subcommand(name, summary);
        command->define(*sub);
        commands_.emplace_back(sub, std::move(command));
    }

    CLI::App* app_ = nullptr;
    std::vector<std::pair<CLI::App*, std::unique_ptr<Command>>> commands_;
};

} // namespace

std::unique_ptr<Command> make_element_command() {
    return std::make_unique<ElementCommand>();
}

} // namespace kiln::cli
