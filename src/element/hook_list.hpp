#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::element {

/// Which names run-parts takes; a caller may give another (RUN_PARTS_REGEX).
inline constexpr const char* k_hook_name_pattern = "^[0-9A-Za-z_-]+$";

struct HookList {
    struct Skipped {
        std::string name;
        std::string reason;
    };

    /// Names in running order.
    std::vector<std::string> hooks{};
    /// Files that look like hooks (a digit first) but will not run, so that a user can be told;
    /// sorted by name. Others that do not run are data.
    std::vector<Skipped> skipped{};
};

/// The hooks in a folder: executable files, and links to such, whose name matches the pattern (an
/// ECMAScript regular expression that is searched for). Order: as by `LC_ALL=C sort -n`: by the
/// leading number, names without one first, then by bytes. A folder that is not there has none.
/// Throws Error, code usage for a bad pattern.
HookList list_hooks(const std::filesystem::path& directory,
                    const std::string& name_pattern = k_hook_name_pattern);

/// The files of an environment.d folder in the order in which they are sourced: regular files, or
/// links to such, with names of [0-9A-Za-z_.-]; by bytes, so that 100-x comes before 20-x.
std::vector<std::string> environment_files(const std::filesystem::path& directory);

/// The order of list_hooks.
bool runs_before(const std::string& left, const std::string& right);

} // namespace kiln::element
