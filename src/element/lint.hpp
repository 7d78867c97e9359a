#pragma once

#include "element/catalog.hpp"
#include "element/finding.hpp"
#include "process/command.hpp"

#include <vector>

namespace kiln::element {

/// What can be said against an element without running it: README, dependencies, names, modes and
/// first lines of hooks, "set -e", unknown folders, files that kiln's parsers refuse, hooks that
/// two elements have, variables that nothing sets. The catalog knows its neighbours. Sorted.
/// Throws Error only when its folder cannot be read.
std::vector<Finding> lint_element(const Element& element, const Catalog& catalog);

/// What shellcheck says about the shell scripts of elements (hooks, environment.d, bin). Throws
/// Error (code tool) when it cannot be run.
std::vector<Finding> lint_shell(const std::vector<Element>& elements, process::Runner& runner);

} // namespace kiln::element
