#pragma once

#include "cli/store_flags.hpp"

#include <functional>
#include <vector>

namespace kiln::cli {

/// Does the work on each target, all at the same time (one alone in this thread), and returns the
/// exit code: 0, the code of the only error, or of the first where all failed; else partial.
/// Errors of several are printed here; that of one is thrown. A signal that ends the program ends
/// the work and is thrown as util::Interrupted. The reporter is used by one thread at a time.
int work_on(const std::vector<StoreTarget>& targets,
            report::Reporter& reporter,
            const std::function<void(store::ImageStore&, report::Reporter&, std::size_t)>& work);

} // namespace kiln::cli
