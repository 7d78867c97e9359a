#pragma once

#include "util/error.hpp"

namespace kiln::cli {

/// The message of an error on stderr: the excerpt, then what, where, log and hint.
void print_error(const util::ErrorInfo& error);

} // namespace kiln::cli
