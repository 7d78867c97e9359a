#pragma once

#include "build/context.hpp"

#include <filesystem>
#include <string>

namespace kiln::build {

/// A name beside target for what shall become it, noted in the journal, so that a sweep removes the
/// file if this build dies.
std::string new_temporary_output(const BuildContext& context, const std::filesystem::path& target);

} // namespace kiln::build
