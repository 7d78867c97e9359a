#pragma once

#include "build/context.hpp"
#include "report/reporter.hpp"

#include <filesystem>
#include <string>

namespace kiln::build {

/// Everything that can go wrong without having done anything: elements, formats, tools, the output
/// folder. Throws util::Error.
BuildContext prepare(BuildOptions options, report::Reporter& reporter);

/// "web-20261121-101500-4711": output name, local time, process.
std::string new_build_id(const std::filesystem::path& output);

/// Makes `<state>/builds/<id>` and points `<state>/builds/latest` to it; the oldest logs beyond the
/// newest 50 are removed.
std::filesystem::path make_log_directory(const std::filesystem::path& state, const std::string& id);

} // namespace kiln::build
