#pragma once

#include "cache/apt_release.hpp"
#include "cache/tree_packages.hpp"

namespace kiln::cache {

/// The part of read_package_state that is apt's.
TreePackages
read_apt_state(const util::RootDir& tree, const TreeOptions& options, const Documents& documents);

/// Fills in the digests that a repository's list gives, and adds the indexes of architecture "all"
/// that the list brings in.
void apply_release(const AptRelease& release, RepositoryUse& use);

} // namespace kiln::cache
