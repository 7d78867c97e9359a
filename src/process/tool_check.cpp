#include "process/tool_check.hpp"

#include "util/error.hpp"
#include "util/text.hpp"

#include <unistd.h>

#include <filesystem>
#include <set>

namespace kiln::process {

std::optional<std::string> find_program(const std::string& name, const Environment& environment) {
    const auto path = environment.find("PATH");
    if (path == environment.end()) {
        return std::nullopt;
    }
    for (const std::string& directory : util::split(path->second, ':')) {
        const std::string candidate = (std::filesystem::path(directory) / name).string();
        std::error_code error;
        if (!directory.empty() && std::filesystem::is_regular_file(candidate, error) &&
            ::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
    }
    return std::nullopt;
}

void require_tools(const std::vector<ToolRequirement>& tools, const Environment& environment) {
    std::vector<std::string> missing;
    std::set<std::string> packages;
    for (const ToolRequirement& tool : tools) {
        if (!find_program(tool.name, environment)) {
            missing.push_back("'" + tool.name + "' (" + tool.purpose + ")");
            packages.insert(tool.package);
        }
    }
    if (!missing.empty()) {
        const std::vector<std::string> names(packages.begin(), packages.end());
        throw util::Error(
            {.what = "missing tool " + util::join(missing, ", "),
             .hint = "sudo apt-get install --no-install-recommends " + util::join(names, " "),
             .code = util::ExitCode::tool});
    }
}

} // namespace kiln::process
