#pragma once

#include <functional>
#include <string>
#include <vector>

namespace kiln::disk {

/// A Command::child_setup for a program with a mount namespace of its own (CLONE_NEWNS): lays an
/// empty tmpfs over each path, absolute within tree, so that the program sees it empty. Links in
/// the tree do not lead out of it; a path that does not exist is left out.
std::function<void()> hide_paths(const std::string& tree, const std::vector<std::string>& paths);

} // namespace kiln::disk
