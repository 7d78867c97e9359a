#pragma once

#include "process/command.hpp"

#include <string>
#include <vector>

namespace kiln::element {

/// apt_preferences(5) that pin every package of a manifest (JSON: {"packages": [{"package": NAME,
/// "version": VERSION, ...}, ...]}) to its version, older ones too. name is what errors call the
/// manifest. Throws Error (code usage) with file:line:column.
std::string apt_preferences(const std::string& manifest, const std::string& name);

/// `kiln tool apt-preferences`: writes etc/apt/preferences of the tree TMP_MOUNT_PATH from
/// DIB_DPKG_MANIFEST. Throws Error (code hook) when that is no readable file.
std::vector<std::string> write_apt_preferences(const process::Environment& environment);

} // namespace kiln::element
