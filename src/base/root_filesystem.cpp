#include "base/root_filesystem.hpp"

#include "disk/partition_reader.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace kiln::base {
namespace {

using disk::ProbedFilesystem;

/// Root (x86-64, ARM64, RISC-V 64, ppc64le, s390x) of the Discoverable Partitions Specification.
constexpr std::array<std::string_view, 5> k_root_types = {
    "4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
    "b921b045-1df0-41c3-af44-4c6f280d3fae",
    "72ec70a6-cf74-40e6-bd49-4bda08e8f224",
    "c31c45e6-3f39-412e-80fb-4809c4980599",
    "5eead9a9-fe09-4a1e-a1d7-520d00531306",
};

constexpr std::array<std::string_view, 5> k_root_labels = {
    "cloudimg-rootfs", "rootfs", "root", "img-rootfs", "/"};

Candidate look_at(const disk::RawFile& raw, disk::Region region) {
    Candidate found{.region = region, .filesystem = disk::probe_filesystem(raw, region)};
    if (found.filesystem == ProbedFilesystem::ext) {
        const disk::Ext4Tree tree(raw.path(), region);
        found.label = tree.label();
        found.needs_recovery = tree.needs_recovery();
        found.has_os_release = tree.exists("/etc/os-release") || tree.exists("/usr/lib/os-release");
    }
    return found;
}

template <std::size_t Count>
bool is_one_of(const std::array<std::string_view, Count>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

int rank_of(const Candidate& candidate) {
    return (candidate.has_os_release ? 4 : 0) + (candidate.root_type ? 2 : 0) +
           (is_one_of(k_root_labels, candidate.label) ? 1 : 0);
}

bool needs_kernel(const Candidate& candidate) {
    return candidate.filesystem == ProbedFilesystem::xfs ||
           candidate.filesystem == ProbedFilesystem::btrfs ||
           candidate.filesystem == ProbedFilesystem::lvm;
}

[[noreturn]] void fail_without_root(const std::vector<Candidate>& candidates,
                                    const std::string& raw_path) {
    std::vector<std::string> seen;
    for (const Candidate& candidate : candidates) {
        seen.push_back(disk::probed_name(candidate.filesystem));
    }
    throw util::Error({.what = "no root filesystem is in '" + raw_path + "'",
                       .hint = seen.empty()
                                   ? "is it a disk image?"
                                   : "it holds: " + util::join(seen, ", ") +
                                         "; known are ext2, ext3, ext4, xfs, btrfs and LVM"});
}

} // namespace

std::vector<Candidate> find_filesystems(const std::string& raw_path) {
    const disk::RawFile raw = disk::RawFile::open_readable(raw_path);
    const disk::FoundTable table = disk::read_partition_table(raw);
    if (table.partitions.empty()) {
        return {look_at(raw, {.offset = 0, .size = raw.size()})};
    }
    std::vector<Candidate> found;
    for (const disk::FoundPartition& partition : table.partitions) {
        Candidate candidate = look_at(raw, {.offset = partition.offset, .size = partition.size});
        candidate.partition = partition.number;
        candidate.root_type = is_one_of(k_root_types, partition.type);
        found.push_back(candidate);
    }
    return found;
}

std::optional<Candidate> choose_root(const std::vector<Candidate>& candidates,
                                     const std::string& raw_path) {
    const Candidate* best = nullptr;
    for (const Candidate& candidate : candidates) {
        const bool readable = candidate.filesystem == ProbedFilesystem::ext;
        if (readable && (best == nullptr || rank_of(candidate) > rank_of(*best))) {
            best = &candidate;
        }
    }
    const bool kernel = std::any_of(candidates.begin(), candidates.end(), needs_kernel);
    if (best == nullptr || (!best->has_os_release && kernel)) {
        if (!kernel) {
            fail_without_root(candidates, raw_path);
        }
        return std::nullopt;
    }
    if (best->needs_recovery) {
        return std::nullopt;
    }
    return *best;
}

} // namespace kiln::base
