#pragma once

#include "process/command.hpp"

#include <string>
#include <vector>

namespace kiln::cli {

/// `kiln tool fetch-image [PATH]`: fetches and verifies the base image that the environment
/// describes, by the same variables as base-image. Makes PATH a copy of it, and prints the path of
/// the copy, or of the image where none is asked for. What it does goes to standard error.
std::vector<std::string> fetch_base_image(const process::Environment& environment,
                                          const std::vector<std::string>& arguments);

} // namespace kiln::cli
