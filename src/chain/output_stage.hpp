#pragma once

#include "chain/definition.hpp"
#include "chain/outcome.hpp"
#include "chain/places.hpp"
#include "render/value.hpp"

#include <string>

namespace kiln::chain {

/// What templates know of an image: see docs/run.md, "Outputs".
render::Value output_values(const OutputDefinition& output,
                            const ImageDefinition& image,
                            const ImageOutcome& outcome);

/// Throws util::Error (code usage) for a template with mistakes that no values would mend.
void check_template(const std::string& path);

/// Renders a template into the image's folder; the path of the file. Throws util::Error (code
/// usage) for a template with mistakes.
std::string write_output(const OutputDefinition& output,
                         const ImageDefinition& image,
                         const ImageOutcome& outcome,
                         const ImagePlaces& places);

} // namespace kiln::chain
