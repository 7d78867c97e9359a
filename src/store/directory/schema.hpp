#pragma once

#include "store/directory/database.hpp"
#include "store/directory/folder.hpp"

#include <chrono>

namespace kiln::store {

/// Opens the index of a folder, and makes its tables where it is new. Throws StoreError when a
/// newer kiln made it, and when there is data whose index is gone.
Database open_index(const Folder& folder, std::chrono::milliseconds patience);

} // namespace kiln::store
