#include "disk/filesystem_writers.hpp"
#include "disk/identity.hpp"
#include "disk/sizes.hpp"
#include "disk/tool_failure.hpp"
#include "process/tools/mtools.hpp"
#include "util/error.hpp"
#include "util/root_dir.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace kiln::disk {
namespace {

/// The smallest filesystems that have enough clusters for their kind.
constexpr std::uint64_t k_smallest_fat32 = 34 * k_mebibyte;
constexpr std::uint64_t k_smallest_fat16 = 5 * k_mebibyte;
constexpr std::size_t k_files_a_call = 500;

int fat_bits(std::uint64_t size) {
    if (size >= k_smallest_fat32) {
        return 32;
    }
    return size >= k_smallest_fat16 ? 16 : 12;
}

/// The smallest clusters with which their number fits the kind of FAT (32: a table of 8 MB).
int sectors_per_cluster(std::uint64_t size, int bits) {
    const std::uint64_t most = bits == 12 ? 4000 : bits == 16 ? 65000 : 2'000'000;
    int sectors = 1;
    while (size / k_sector / static_cast<unsigned>(sectors) > most && sectors < 128) {
        sectors *= 2;
    }
    return sectors;
}

/// A directory of the tree with its files; the root is "".
struct Folder {
    std::string path;
    std::vector<std::string> files;
};

/// Directories and files in sorted order, parents first: the same tree gives the same bytes.
void collect(const util::RootDir& tree,
             const std::string& path,
             const std::vector<std::string>& leave_empty,
             std::vector<Folder>& folders) {
    Folder folder{.path = path, .files = {}};
    std::vector<std::string> below;
    const bool hidden =
        std::find(leave_empty.begin(), leave_empty.end(), path) != leave_empty.end();
    for (const std::string& name : hidden ? std::vector<std::string>{} : tree.list(path)) {
        std::string child = path;
        child.append("/").append(name);
        const auto status = tree.status(child);
        if (status && S_ISDIR(status->st_mode)) {
            below.push_back(child);
        } else if (status && S_ISREG(status->st_mode)) {
            folder.files.push_back(tree.path() + child);
        } else {
            throw util::Error({.what = "'" + child + "' in '" + tree.path() +
                                       "' is neither file nor directory; FAT cannot hold it",
                               .hint = "replace the link or node by a file"});
        }
    }
    folders.push_back(std::move(folder));
    for (const std::string& child : below) {
        collect(tree, child, leave_empty, folders);
    }
}

void run(const FilesystemJob& job, process::Runner& runner, const process::Command& command) {
    const process::Result result = runner.run(command);
    if (result.exit_code != 0 && (result.out + result.err).find("Disk full") != std::string::npos) {
        throw_too_small(
            "the filesystem '" + job.filesystem.name + "'", 2 * job.content.bytes, job.region.size);
    }
    if (result.exit_code != 0 || result.timed_out) {
        throw_tool_failure(command, result, job.raw_path);
    }
}

void copy_files(const FilesystemJob& job,
                process::Runner& runner,
                const process::FatPlace& place,
                const Folder& folder) {
    for (std::size_t done = 0; done < folder.files.size(); done += k_files_a_call) {
        const auto first = folder.files.begin() + static_cast<std::ptrdiff_t>(done);
        const std::size_t count = std::min(k_files_a_call, folder.files.size() - done);
        const std::vector<std::string> part(first, first + static_cast<std::ptrdiff_t>(count));
        run(job, runner, process::mcopy_command(place, part, folder.path + "/"));
    }
}

void fill_vfat(const FilesystemJob& job, process::Runner& runner) {
    const process::FatPlace place{
        .file = job.raw_path, .offset = job.region.offset, .epoch = job.epoch};
    std::vector<Folder> folders;
    collect(util::RootDir(job.source), "", job.leave_empty, folders);
    for (const Folder& folder : folders) {
        if (!folder.path.empty()) {
            run(job, runner, process::mmd_command(place, {folder.path}));
        }
        copy_files(job, runner, place, folder);
    }
}

} // namespace

void make_vfat(const FilesystemJob& job, process::Runner& runner) {
    const Filesystem& filesystem = job.filesystem;
    const int bits = fat_bits(job.region.size);
    run(job,
        runner,
        process::mkfs_vfat_command(
            {.file = job.raw_path,
             .offset = job.region.offset,
             .size = job.region.size,
             .fat_bits = bits,
             .sectors_per_cluster = sectors_per_cluster(job.region.size, bits),
             .label = filesystem.label,
             .volume_id = volume_id(job.seed, filesystem.name),
             .options = filesystem.options}));
    if (!job.source.empty()) {
        fill_vfat(job, runner);
    }
}

} // namespace kiln::disk
