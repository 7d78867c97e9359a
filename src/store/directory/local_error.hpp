#pragma once

#include "store/store_error.hpp"

#include <string>

namespace kiln::store {

/// Throws StoreError with the text of the current errno appended to what. A full disk, quota or
/// limit of a file's size is Problem::quota, a missing permission Problem::forbidden, all else
/// Problem::unavailable; the code is ExitCode::failed.
[[noreturn]] void throw_local(const std::string& what);

} // namespace kiln::store
