#pragma once

#include "util/tree_entry.hpp"

#include <string>

namespace kiln::base {

/// Gives an open file or folder its owner, mode, attributes and time, in this order: a change of
/// owner clears set-id bits and capabilities. Throws Error.
void apply_metadata(int fd, const util::TreeEntry& entry);

/// The same for a link or a FIFO that cannot be opened, by its name in an open folder; it is not
/// followed.
void apply_metadata_at(int folder, const std::string& name, const util::TreeEntry& entry);

} // namespace kiln::base
