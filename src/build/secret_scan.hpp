#pragma once

#include "process/secrets.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::build {

/// A secret in a finished tree.
struct LeakedSecret {
    std::string variable;
    /// Path in the tree, with a leading slash.
    std::string path;
};

/// Reads every regular file below tree, no link followed, for the traces of secrets. Nothing is
/// read when there are none. Throws Error (code failed) when a file cannot be read.
std::vector<LeakedSecret> find_secrets(const std::filesystem::path& tree,
                                       const std::vector<process::Secret>& secrets);

/// Throws Error (code hook) that names the files when there are some.
void require_no_secrets(const std::vector<LeakedSecret>& leaks);

} // namespace kiln::build
