#include "cli/commands/commands.hpp"
#include "cli/places.hpp"
#include "element/tool_actions.hpp"
#include "util/error.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace kiln::cli {
namespace {

/// `kiln tool NAME`: what kiln's own elements call from their hooks, with the hook's environment.
class ToolCommand : public Command {
public:
    void define(CLI::App& app) override {
        app.add_option("NAME", name_, "package-installs or pkg-map-tables")
            ->required()
            ->check(CLI::IsMember({"package-installs", "pkg-map-tables"}));
    }

    int run() override {
        const std::vector<std::string> warnings =
            name_ == "package-installs" ? element::write_package_lists(caller_environment())
                                        : element::write_pkg_map_tables(caller_environment());
        for (const std::string& warning : warnings) {
            std::cerr << "warning: " << warning << "\n";
        }
        return 0;
    }

private:
    std::string name_;
};

} // namespace

std::unique_ptr<Command> make_tool_command() {
    return std::make_unique<ToolCommand>();
}

} // namespace kiln::cli
