#pragma once

#include <string>

namespace kiln::base {

/// Whether the filesystem of an open descriptor has so little room left that what grows without
/// bounds must stop: a bomb must not fill the disk of others.
bool is_nearly_full(int fd);
bool is_nearly_full(const std::string& path);

} // namespace kiln::base
