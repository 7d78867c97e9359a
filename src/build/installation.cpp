#include "build/installation.hpp"

#include "util/error.hpp"

#include <array>

namespace kiln::build {

Installation find_installation() {
    namespace fs = std::filesystem;
    const fs::path binary = fs::canonical("/proc/self/exe");
    const fs::path prefix = binary.parent_path().parent_path();
    const std::array<Installation, 2> candidates = {{
        {binary, prefix / "share/kiln/elements", prefix / "share/kiln/shims"},
        {binary,
         prefix.parent_path().parent_path() / "elements",
         prefix.parent_path().parent_path() / "scripts/shims"},
    }};
    for (const Installation& candidate : candidates) {
        if (fs::is_directory(candidate.elements) && fs::is_directory(candidate.shims)) {
            return candidate;
        }
    }
    throw util::Error(
        {.what = "kiln's own elements are not found near '" + binary.string() + "'",
         .hint = "install kiln whole: cmake --install build/release --prefix /usr/local",
         .code = util::ExitCode::tool});
}

} // namespace kiln::build
