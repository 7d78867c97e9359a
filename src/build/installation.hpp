#pragma once

#include <filesystem>

namespace kiln::build {

/// Where kiln's own files are: beside an installed binary in <prefix>/share/kiln, or in the source
/// tree that a binary was built in.
struct Installation {
    std::filesystem::path binary;
    std::filesystem::path elements;
    std::filesystem::path shims;
};

/// Throws Error (code tool) when the elements are nowhere near the binary.
Installation find_installation();

} // namespace kiln::build
