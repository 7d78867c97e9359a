#pragma once

#include "cache/documents.hpp"
#include "cache/package_state.hpp"
#include "util/root_dir.hpp"

#include <string>

namespace kiln::cache {

struct TreeOptions {
    /// As Debian calls it: "amd64".
    std::string architecture;
    /// Where keyrings that a tree names but does not have are looked for, by their file name.
    std::string host_keyrings = "/usr/share/keyrings";
};

/// The package sources of a tree, and what it knows of them.
struct TreePackages {
    PackageState state{};
    /// Whether lists were there; without them no digest is known.
    bool has_lists = false;
};

/// What the sources in a tree stand for: sources.list and its kin, and .repo files. Digests are
/// those of the lists in the tree, which apt and dnf have verified: what was installed came from
/// them. Repositories in the tree itself (file:/srv/packages) are left out: they are part of it.
/// Keyrings go into the documents. Throws util::Error for files that are too large.
TreePackages read_package_state(const util::RootDir& tree,
                                const TreeOptions& options,
                                const Documents& documents);

} // namespace kiln::cache
