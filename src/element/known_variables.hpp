#pragma once

#include <string>

namespace kiln::element {

/// Whether a hook can count on a variable without any element that sets it: what kiln (or
/// diskimage-builder) gives every hook, what every operating system element sets, and what shells
/// and their callers have.
bool is_known_variable(const std::string& name);

} // namespace kiln::element
