#pragma once

#include "build/context.hpp"
#include "process/command.hpp"
#include "report/reporter.hpp"

#include <string>

namespace kiln::build {

/// Writes every output of a raw disk: under a temporary name beside its target (kept in the journal
/// for the sweep), then in its place, with checksum files where asked for. The raw disk is used up.
std::vector<std::filesystem::path> write_outputs(const BuildContext& context,
                                                 const std::string& raw,
                                                 process::Runner& runner,
                                                 report::Reporter& reporter);

} // namespace kiln::build
