#pragma once

#include "workspace.hpp"

namespace kiln::tests {

/// Ends builds at random moments, each time builds again in the same cache, and expects the image
/// of an empty cache, a clean cache and nothing left over. KILN_SEED repeats the moments.
void kill_at_random_moments(int moments, User user);

} // namespace kiln::tests
