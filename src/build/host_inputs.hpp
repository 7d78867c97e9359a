#pragma once

#include "build/context.hpp"
#include "element/phase.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kiln::build {

/// A host hook, for host_inputs.
struct HostHook {
    element::PhaseInfo phase;
    std::string script;
    /// For messages.
    std::string file;
};

/// The variables that files of environment.d set: what they hold nobody knows without running them.
std::set<std::string> variables_set_by(const std::vector<std::string>& fragments);

/// The files of the host that a hook says it reads ("# kiln-inputs:"), each with a line that tells
/// its content. Nothing when it does not say, or when it cannot be told which files those are.
std::optional<std::map<std::string, std::string>> host_inputs(const BuildContext& context,
                                                              const HostHook& hook,
                                                              const std::set<std::string>& unknown);

} // namespace kiln::build
