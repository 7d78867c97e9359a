#pragma once

#include "store/directory/database.hpp"
#include "store/directory/folder.hpp"

#include <string>

namespace kiln::store {

/// What a process that was killed leaves behind is undone here; all of it in a writing Transaction,
/// in which every other process also begins and ends its uploads: so what no row tells of and
/// nobody has locked is nobody's.

/// Images whose upload has no process any more wait for their data again.
void release_dead_uploads(Database& index, const Folder& folder, const std::string& time);

/// Removes data that belongs to no image. Files of other names are left alone.
void sweep_files(Database& index, const Folder& folder);

} // namespace kiln::store
