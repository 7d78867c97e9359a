#pragma once

#include <string>

namespace kiln::cache {

/// Writes a small file that appears whole or not at all. It is not synced: after a power cut it may
/// be spoilt, and who reads it must be able to do without it. Throws util::Error.
void write_whole_file(const std::string& path, const std::string& content);

} // namespace kiln::cache
