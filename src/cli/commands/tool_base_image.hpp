#pragma once

#include "process/command.hpp"

#include <string>
#include <vector>

namespace kiln::cli {

/// `kiln tool base-image`: fetches and verifies the base image that the environment of a root.d
/// hook describes, and unpacks it into TARGET_ROOT. Prints what it does to standard error.
std::vector<std::string> unpack_base_image(const process::Environment& environment,
                                           const std::vector<std::string>& arguments);

} // namespace kiln::cli
