#pragma once

#include "process/command.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kiln::element {

/// Splits a line into words as a shell does for "eval echo", but only with what a description
/// needs: blanks, quotes, backslashes, $NAME, ${NAME}, ${NAME-DEFAULT} and ${NAME:-DEFAULT}. What
/// comes out of a variable is split at blanks again unless it stands in double quotes. Nothing is
/// run and no file names are expanded.
///
/// Throws Error (code usage) that begins with place: for an unset variable, a command substitution,
/// any other ${...}, and a quote or brace that is not closed.
std::vector<std::string> shell_words(std::string_view line,
                                     const process::Environment& environment,
                                     const std::string& place);

} // namespace kiln::element
