#pragma once

#include "chain/definition.hpp"
#include "chain/kiln_commands.hpp"
#include "chain/places.hpp"
#include "chain/step_runner.hpp"
#include "process/command.hpp"

#include <string>

namespace kiln::chain {

/// Where `from: {url: ...}` puts what it fetches.
std::string fetched_file(const BaseDefinition& base, const ImagePlaces& places);

/// Makes the image that another one starts from a file of this machine; empty where the build
/// fetches it itself. Throws util::Error.
std::string base_file(const ImageDefinition& image,
                      const ImagePlaces& places,
                      const Caller& caller,
                      StepRunner& steps);

/// The element of the distribution in an image ("debian", "ubuntu"), by its os-release. Throws
/// util::Error (code usage) where there is none.
std::string
distribution_element(const std::string& image, const ImagePlaces& places, process::Runner& runner);

/// "qcow2", by the file's first bytes.
std::string format_of(const std::string& image);

} // namespace kiln::chain
