#pragma once

#include "element/script_facts.hpp"
#include "element/shell_commands.hpp"

namespace kiln::element {

/// Adds to the facts of a script what it does in ways that hide which variables or files it uses:
/// indirect expansions, eval, reading the whole environment, its own path, programs of kiln's.
void add_suspicions(const ShellCommands& script, ScriptFacts& facts);

} // namespace kiln::element
