#pragma once

#include "disk/filesystem.hpp"

namespace kiln::disk {

/// The writers behind make_filesystem, one for each family.
void make_ext4(const FilesystemJob& job, process::Runner& runner);
void make_vfat(const FilesystemJob& job, process::Runner& runner);

} // namespace kiln::disk
