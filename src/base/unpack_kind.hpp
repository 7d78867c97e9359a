#pragma once

#include "base/unpack.hpp"

#include <string_view>

namespace kiln::base {

/// What the first bytes of a file (512 are enough) say it is; raw when nothing else.
ImageKind kind_of(std::string_view bytes);

/// The suffix of a packed file's magic number: "gz", "xz", "zst", "bz2"; empty for others.
std::string compression_of(std::string_view bytes);

} // namespace kiln::base
