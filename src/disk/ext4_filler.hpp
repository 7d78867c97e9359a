#pragma once

#include "disk/filesystem.hpp"

namespace kiln::disk {

enum class FillAnswer { filled, no_room, not_plain };

/// Fills an empty ext4 filesystem that mke2fs has made from the folder of the job, with all that
/// `mke2fs -d` keeps, in large writes. Names are taken in order, so the same tree gives the same
/// bytes. All times are the job's epoch, but files keep older times of modification; without an
/// epoch that time is all of their times. Sockets are left out. not_plain: the filesystem has
/// features that this does not know (inline data, large clusters); nothing was changed. Throws
/// Error: code failed.
FillAnswer fill_ext4(const FilesystemJob& job);

} // namespace kiln::disk
