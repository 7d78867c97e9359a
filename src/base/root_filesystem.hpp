#pragma once

#include "disk/ext4_tree.hpp"
#include "disk/filesystem_probe.hpp"
#include "disk/placement.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::base {

/// A filesystem in a raw image, and what tells whether it is the root.
struct Candidate {
    disk::Region region;
    disk::ProbedFilesystem filesystem = disk::ProbedFilesystem::unknown;
    /// 0: the whole image, no partition.
    unsigned partition = 0;
    std::string label{};
    /// The partition's type says root (Discoverable Partitions Specification).
    bool root_type = false;
    /// It has an os-release; told for ext only.
    bool has_os_release = false;
    bool needs_recovery = false;
};

/// The filesystems of a raw image. Throws Error for a damaged partition table or ext filesystem.
std::vector<Candidate> find_filesystems(const std::string& raw_path);

/// Which of them is the root that is read in user space; nothing when the appliance must look: the
/// only ones left are xfs, btrfs, LVM, or an ext filesystem whose journal was not replayed. Throws
/// Error when there is nothing to look at, or only what is encrypted.
std::optional<Candidate> choose_root(const std::vector<Candidate>& candidates,
                                     const std::string& raw_path);

} // namespace kiln::base
