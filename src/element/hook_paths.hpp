#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::element {

/// A place in a script that names a path in the hooks tree.
struct HookPath {
    std::size_t offset = 0;
    /// As far as it is constant, up to the last folder; empty: the whole tree.
    std::string path{};
};

/// Finds /tmp/in_target.d/..., $TMP_HOOKS_PATH/... and $TMP_BUILD_DIR/hooks/... in the text of a
/// script. A path with ".." in it is the whole tree.
std::vector<HookPath> hook_paths(std::string_view text);

} // namespace kiln::element
