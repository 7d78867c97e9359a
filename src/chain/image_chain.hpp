#pragma once

#include "chain/definition.hpp"
#include "chain/kiln_commands.hpp"
#include "chain/outcome.hpp"
#include "chain/step_runner.hpp"
#include "process/command.hpp"

#include <filesystem>
#include <functional>

namespace kiln::chain {

enum class Until { build, test, publish };

struct ChainOptions {
    Until until = Until::publish;
    /// Whether tests that have passed run again.
    bool retest = false;
    /// Where commands of the user run.
    std::filesystem::path folder{};
};

/// What a chain is run with.
struct ChainTools {
    process::Runner& runner;
    const Caller& caller;
    StageEvents events;
    /// Throws util::Interrupted once a signal has come.
    std::function<void()> check_signals;
    /// The same as an answer, for a program that has to end first.
    std::function<bool()> is_ended;
};

/// Does all of one image: base, build, tests, stores, outputs. What is done already is not done
/// again. A failure is in the outcome; throws only what check_signals does, and leaves the image so
/// that the same call brings the rest. One call at a time works on an image; others wait.
ImageOutcome run_image(const ImageDefinition& image,
                       const RunDefinition& run,
                       const ChainOptions& options,
                       const ChainTools& tools);

/// MiB that its hungriest stage takes.
unsigned memory_of(const ImageDefinition& image, const Caller& caller);

} // namespace kiln::chain
