#pragma once

#include "process/command.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::cli {

/// All variables of this process.
process::Environment caller_environment();

/// "NAME" becomes "NAME=VALUE" with the caller's value. Throws util::Error (code usage) when it is
/// not set.
std::vector<std::string> asked_values(const std::vector<std::string>& asked,
                                      const process::Environment& caller);

/// $XDG_CACHE_HOME/kiln, else ~/.cache/kiln.
std::string default_cache();

/// $XDG_STATE_HOME/kiln, else ~/.local/state/kiln.
std::string default_state();

/// $XDG_DATA_HOME/kiln, else ~/.local/share/kiln.
std::string default_data();

/// Absolute, with a leading "~/" taken as the home folder.
std::filesystem::path absolute_path(const std::string& text);

} // namespace kiln::cli
