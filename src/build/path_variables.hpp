#pragma once

#include "process/command.hpp"

#include <map>
#include <string>

namespace kiln::build {

/// The files of the host that variables name (DIB_LOCAL_IMAGE=/srv/base.qcow2), each with a digest
/// of its content, by the names of the variables. A hook on the host side may read them.
std::map<std::string, std::string> files_named_by(const process::Environment& environment);

} // namespace kiln::build
