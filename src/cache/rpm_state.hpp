#pragma once

#include "cache/tree_packages.hpp"

namespace kiln::cache {

/// Path of the one index of an rpm repository.
inline constexpr const char* k_rpm_index = "primary";

/// The part of read_package_state that is dnf's and yum's.
TreePackages
read_rpm_state(const util::RootDir& tree, const TreeOptions& options, const Documents& documents);

} // namespace kiln::cache
