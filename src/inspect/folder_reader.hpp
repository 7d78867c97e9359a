#pragma once

#include "util/tree_entry.hpp"

#include <string>

namespace kiln::inspect {

/// Sends what is in a folder of this machine to a sink, parents first, links never followed, other
/// file systems left alone, and ends with finish(). Throws Error for what cannot be read.
void read_folder(const std::string& folder, util::TreeSink& sink);

} // namespace kiln::inspect
