#pragma once

#include "inspect/tree_index.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::inspect {

struct Package {
    std::string version;
    /// The third word of its status ("installed", "config-files").
    std::string state;
};

/// By name and architecture.
using Packages = std::map<std::pair<std::string, std::string>, Package>;

/// Whether the content of a file of the tree is needed to know its packages.
bool is_package_database(const std::string& path);

/// Reads the stanzas of a dpkg status file. Not trusted: what is no stanza of a package is left
/// out.
Packages parse_dpkg_status(std::string_view text);

/// What dpkg knows in a tree: /var/lib/dpkg/status and status.d (images without dpkg). Nothing when
/// it has neither.
std::optional<Packages> packages_of(const TreeIndex& tree);

/// Whether rpm has a database in it, which is not read.
bool has_rpm_database(const TreeIndex& tree);

enum class PackageChange { added, removed, upgraded, downgraded, state };

struct PackageDifference {
    std::string name;
    std::string architecture;
    PackageChange change = PackageChange::added;
    /// Versions, with the state when it is not "installed"; nothing where it is absent.
    std::optional<std::string> a{};
    std::optional<std::string> b{};
};

/// In the order of the names.
std::vector<PackageDifference> diff_packages(const Packages& a, const Packages& b);

/// "added", "upgraded".
std::string change_name(PackageChange change);

} // namespace kiln::inspect
