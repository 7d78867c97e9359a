#pragma once

#include "chain/outcome.hpp"

namespace kiln::cli {

/// What became of each image, on stdout; errors of those that failed on stderr.
void print_summary(const chain::RunOutcome& outcome);

} // namespace kiln::cli
