#pragma once

#include "element/source_repository.hpp"

#include <string>
#include <vector>

namespace kiln::element {

/// What the source-repository-* files of all elements (in TMP_HOOKS_PATH, sorted by name) want
/// fetched. Nothing when NO_SOURCE_REPOSITORIES is set. Throws Error as wanted_repositories does,
/// and (code hook) when two elements have different files of one name.
std::vector<SourceRepository> sources_of_build(const process::Environment& environment);

/// `kiln tool source-repositories`: writes $TMP_BUILD_DIR/source-repositories/plan, which hooks in
/// the chroot cannot see. A line is NAME, TYPE, DESTINATION, LOCATION, REF, NAME IN THE CACHE,
/// LOCATION WITHOUT CREDENTIALS between tabs; "-" for a REF that is not given.
std::vector<std::string> write_source_plan(const process::Environment& environment);

/// `kiln tool source-record`: adds the lines of $TMP_BUILD_DIR/source-repositories/destinations to
/// etc/dib-source-repositories of the tree, and puts .../git-manifest into its folder of manifests
/// as dib-manifest-git-<IMAGE_NAME>.
std::vector<std::string> record_sources(const process::Environment& environment);

/// The address without user and password.
std::string without_credentials(const std::string& location);

} // namespace kiln::element
