#pragma once

#include "cli/command.hpp"

namespace kiln::cli {

/// The commands below `kiln element`.
std::unique_ptr<Command> make_element_list_command();
std::unique_ptr<Command> make_element_show_command();
std::unique_ptr<Command> make_element_graph_command();
std::unique_ptr<Command> make_element_lint_command();

} // namespace kiln::cli
