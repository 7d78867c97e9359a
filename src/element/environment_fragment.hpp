#pragma once

#include <set>
#include <string>
#include <string_view>

namespace kiln::element {

/// What a file of environment.d does to the hooks that run behind it.
struct EnvironmentFragment {
    /// Variables and functions that it sets, exports or takes away.
    std::set<std::string> sets{};
    /// Why it counts for every hook; empty: only for those that name what it sets.
    std::string counts_always{};
};

/// Nothing is run. What is no assignment, test, message or function is taken to count for every
/// hook, as is what changes how programs run (PATH, LC_ALL, umask, ...).
EnvironmentFragment read_environment_fragment(std::string_view text);

/// Whether programs may read the variable without being named in a hook: it is none of those that
/// only elements know (DIB_*, KILN_*, GRUB_*, DISTRO_NAME, ...).
bool is_read_by_programs(const std::string& name);

} // namespace kiln::element
