#pragma once

#include "build/context.hpp"
#include "element/phase.hpp"
#include "process/command.hpp"

namespace kiln::build {

/// Whether a variable of the caller's environment is handed to hooks without being asked for: the
/// names that elements document (DIB_*, ARCH, proxies, ...), never credentials.
bool is_allowed_variable(const std::string& name);

/// The variables of the caller that hooks get: the allowed ones, and those that --env names
/// ("NAME" takes the caller's value, "NAME=VALUE" sets it). Throws Error (code usage) for a name
/// that is not set or no name.
process::Environment user_environment(const process::Environment& caller,
                                      const std::vector<std::string>& asked);

/// The whole environment of a hook of a phase. The values are constant from build to build but for
/// what the user and the element list set.
process::Environment hook_environment(const BuildContext& context, const element::PhaseInfo& phase);

} // namespace kiln::build
