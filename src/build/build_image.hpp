#pragma once

#include "build/options.hpp"
#include "report/reporter.hpp"

namespace kiln::build {

/// Builds an image: resolves the elements, checks what can be checked before the first effect,
/// runs the work in a sandbox and shows its events. Throws util::Error, and util::Interrupted
/// after a signal; nothing but the log is left behind then.
BuildResult build_image(BuildOptions options, report::Reporter& reporter);

} // namespace kiln::build
