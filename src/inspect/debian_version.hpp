#pragma once

#include <string_view>

namespace kiln::inspect {

/// The order of two versions of Debian packages (deb-version(7)): negative, 0 or positive.
int compare_versions(std::string_view left, std::string_view right);

} // namespace kiln::inspect
