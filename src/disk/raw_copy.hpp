#pragma once

#include <string>

namespace kiln::disk {

/// Copies a raw image: a reflink where the filesystem can, else its data without its holes.
void copy_sparse(const std::string& source, const std::string& target);

} // namespace kiln::disk
