#pragma once

#include <string>

struct archive;

namespace kiln::archive {

/// Throws Error (code failed) with the text of libarchive for a call on path that returned neither
/// ARCHIVE_OK nor ARCHIVE_WARN; a full disk is said as such.
void check(int status, ::archive* handle, const std::string& path);

} // namespace kiln::archive
