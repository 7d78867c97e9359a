#pragma once

#include "chain/definition.hpp"
#include "chain/image_chain.hpp"
#include "chain/kiln_commands.hpp"
#include "process/command.hpp"
#include "util/error.hpp"

#include <string>
#include <vector>

namespace kiln::chain {

/// One thing that a run would do, or would not, and why.
struct PlannedStep {
    std::string stage;
    std::string text;
    /// The command that does it, as a shell takes it; empty where none would run.
    std::string command{};
};

struct PlannedImage {
    std::string name;
    std::vector<PlannedStep> steps{};
};

struct Plan {
    std::vector<PlannedImage> images{};
    /// Of the first question that could not be answered.
    util::ExitCode code = util::ExitCode::ok;
};

/// What a run would do now. Mirrors and stores are asked; nothing is changed, built or fetched.
Plan plan_run(const RunDefinition& run,
              const ChainOptions& options,
              const Caller& caller,
              process::Runner& runner);

std::string to_text(const Plan& plan);
std::string to_json(const Plan& plan);

/// "made anew from layer X on: REASON", or empty when `kiln cache explain` found all it needs.
std::string first_miss(const std::string& explanation);

} // namespace kiln::chain
