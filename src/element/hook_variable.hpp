#pragma once

#include "process/command.hpp"

#include <string>

namespace kiln::element {

/// A variable of a hook's environment that must be set. Throws Error (code hook) when it is not.
const std::string& hook_variable(const process::Environment& environment, const std::string& name);

} // namespace kiln::element
