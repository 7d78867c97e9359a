#pragma once

#include "chain/definition.hpp"
#include "chain/kiln_commands.hpp"
#include "chain/outcome.hpp"
#include "chain/step_runner.hpp"

#include <string>

namespace kiln::chain {

/// Publishes the file of the publication's format to its store, and notes in the outcome where the
/// image is now, or why it is not.
void publish_to(const ImageDefinition& image,
                const Publication& publication,
                ImageOutcome& outcome,
                const Caller& caller,
                StepRunner& steps);

/// What `kiln publish --json` printed. Throws util::Error for what is none of it.
std::vector<PublishedImage> published_images(const std::string& json, const std::string& store);

} // namespace kiln::chain
