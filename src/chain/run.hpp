#pragma once

#include "chain/admission.hpp"
#include "chain/definition.hpp"
#include "chain/image_chain.hpp"
#include "chain/outcome.hpp"
#include "chain/run_view.hpp"

namespace kiln::chain {

struct RunOptions {
    ChainOptions chain{};
    Limits limits{};
};

/// Runs the chains of all images, each in a process of its own, as many at once as the limits
/// allow; writes result.json and junit.xml into the output folder. One that fails does not stop the
/// others. After a signal it returns once all have ended; what they did stays, and the same call
/// brings the rest. The calling process must have no other threads.
RunOutcome run_images(const RunDefinition& run,
                      const RunOptions& options,
                      const Caller& caller,
                      RunView& view);

/// Four fifths of the memory that is free now, MiB (proc(5), MemAvailable).
std::uint64_t usable_memory();

} // namespace kiln::chain
