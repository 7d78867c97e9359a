#pragma once

#include "util/root_dir.hpp"

#include <string>

namespace kiln::element {

/// Makes a folder of a tree where it is missing, and gives its path on the host with every link
/// resolved inside the tree: programs of the host can use it as long as nothing changes the tree.
/// Throws Error (code hook) when something else has that name.
std::string folder_on_host(const util::RootDir& tree, const std::string& path);

/// The same for the folder above path, with the last part of path added. Throws Error (code hook)
/// when path is a folder.
std::string file_on_host(const util::RootDir& tree, const std::string& path);

} // namespace kiln::element
