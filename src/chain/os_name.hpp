#pragma once

#include "process/command.hpp"

#include <string>

namespace kiln::chain {

/// ID of the os-release(5) in an image, which is only read and not trusted; empty where it has
/// none. scratch is an existing folder for a raw copy. Throws util::Error for what is no image.
std::string os_name(const std::string& image, const std::string& scratch, process::Runner& runner);

} // namespace kiln::chain
