#pragma once

#include "build/context.hpp"

namespace kiln::build {

/// The build itself, as the worker of a sandbox session: events, and at last the result or the
/// error, go to the descriptor as lines (build/wire.hpp). Gives the exit code; throws nothing.
int run_worker(const BuildContext& context, int event_fd) noexcept;

} // namespace kiln::build
