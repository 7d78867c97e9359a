#include "cli/command_group.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/element_commands.hpp"

namespace kiln::cli {

std::unique_ptr<Command> make_element_command() {
    using Entries = std::vector<CommandGroup::Entry>;
    return std::make_unique<CommandGroup>(
        "element",
        Entries{{"list", "names, purposes and places", make_element_list_command},
                {"show", "what an element is and does", make_element_show_command},
                {"graph", "what elements need, as DOT or SVG", make_element_graph_command},
                {"lint", "find mistakes in elements", make_element_lint_command}});
}

} // namespace kiln::cli
