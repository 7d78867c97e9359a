#pragma once

#include <cstdint>
#include <string>

namespace kiln::cache {

/// What is said of the folder of a layer, so that damage is found.
struct TreeDigest {
    /// SHA-256 over all names, types, modes, owners, times of change, links, extended attributes
    /// and content.
    std::string content;
    /// The same without times since the build of the tree began: two builds that wrote the same
    /// have the same. An image has none of these times.
    std::string identity;
    std::uint64_t entries = 0;
    /// What it takes on the disk, in bytes.
    std::uint64_t bytes = 0;
};

/// Reads everything below a folder, the folder's own mode and owner included, following no links.
/// `began` is when the tree was begun, in seconds since 1970. Throws util::Error when something
/// cannot be read.
TreeDigest digest_tree(const std::string& folder, std::int64_t began);

/// SHA-256 over what lstat(2) tells of all entries below a folder, times of status change (ctime)
/// included: as long as it is the same and the machine has not been off, nobody has written there.
std::string stamp_tree(const std::string& folder);

} // namespace kiln::cache
