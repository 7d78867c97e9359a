#pragma once

#include "process/command.hpp"

#include <string>

namespace kiln::element {

/// A name as part of the name of a variable: everything but letters and digits becomes '_'.
std::string variable_part(const std::string& name);

/// How something is to be installed: DIB_INSTALLTYPE_<name>, else DIB_DEFAULT_INSTALLTYPE, else
/// "source".
std::string install_type_of(const std::string& name, const process::Environment& environment);

} // namespace kiln::element
