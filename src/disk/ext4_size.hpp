#pragma once

#include "disk/placement.hpp"

#include <cstdint>

namespace kiln::disk {

/// Journal of an ext4 of that size: 64 MiB from 2 GiB on, less on small ones (the steps of mke2fs).
std::uint64_t journal_size(std::uint64_t filesystem_size);

/// Inodes for a filesystem of that size: one per 16 KiB, and half as many again as the content has.
std::uint64_t inode_count(std::uint64_t filesystem_size, const ContentUsage& content);

/// A bound below which the content certainly does not fit; mke2fs has the last word above it.
std::uint64_t minimum_size(FilesystemType type, const ContentUsage& content);

/// The size to take when nobody asks for one: content is 60 % of it beside metadata and journal,
/// and at least 64 MiB are free.
std::uint64_t comfortable_size(FilesystemType type, const ContentUsage& content);

} // namespace kiln::disk
