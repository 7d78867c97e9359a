#pragma once

#include "element/catalog.hpp"
#include "element/finding.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::element {

/// A shell script of an element.
struct ElementScript {
    std::filesystem::path path;
    /// "bash", "sh", "dash" or "ksh".
    std::string dialect;
    std::string content;
};

/// Hooks of all phases, fragments of environment.d, and programs in bin that are shell scripts.
std::vector<ElementScript> shell_scripts(const Element& element);

/// The same of environment.d only, in the order in which they are sourced.
std::vector<ElementScript> environment_fragments(const Element& element);

/// Adds what is wrong with names, modes and first lines of hooks, and shell hooks without "set -e".
void lint_hooks(const Element& element, std::vector<Finding>& findings);

} // namespace kiln::element
