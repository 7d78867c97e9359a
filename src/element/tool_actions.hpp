#pragma once

#include "process/command.hpp"

#include <string>
#include <vector>

namespace kiln::element {

/// `kiln tool package-installs`, called by an extra-data hook: resolves the package lists of all
/// elements (IMAGE_ELEMENT_YAML) and writes them below $TMP_HOOKS_PATH/kiln/package-installs as
/// <phase>.d.install and <phase>.d.uninstall, one name a line. A list of nothing has no file.
/// Returns warnings. Throws Error as resolve_packages does.
std::vector<std::string> write_package_lists(const process::Environment& environment);

/// `kiln tool pkg-map-tables`: writes the pkg-map of each element that has one as
/// $TMP_HOOKS_PATH/kiln/pkg-map/<element>.tsv, for the pkg-map command in the chroot. A line is
/// SECTION, DISTRIBUTION, RELEASE, NAME, VALUE between tabs; "-" in columns that a section lacks.
std::vector<std::string> write_pkg_map_tables(const process::Environment& environment);

/// `kiln tool svc-map`: writes usr/share/svc-map/services in the tree TMP_MOUNT_PATH from the
/// svc-map files of all elements, for DISTRO_NAME; a line is "SERVICE: NAME". Throws as
/// merge_svc_maps does.
std::vector<std::string> write_svc_map(const process::Environment& environment);

} // namespace kiln::element
