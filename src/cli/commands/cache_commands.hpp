#pragma once

#include "cli/command.hpp"

namespace kiln::cli {

std::unique_ptr<Command> make_cache_explain_command();
std::unique_ptr<Command> make_cache_list_command();
std::unique_ptr<Command> make_cache_prune_command();
std::unique_ptr<Command> make_cache_verify_command();

} // namespace kiln::cli
