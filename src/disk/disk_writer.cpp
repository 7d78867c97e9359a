#include "disk/disk_writer.hpp"

#include "disk/bootloader.hpp"
#include "disk/content_usage.hpp"
#include "disk/filesystem.hpp"
#include "disk/partition_table.hpp"
#include "disk/raw_file.hpp"
#include "util/error.hpp"
#include "util/root_dir.hpp"
#include "util/text.hpp"

#include <fcntl.h>

#include <filesystem>
#include <optional>

namespace kiln::disk {
namespace {

constexpr const char* k_grub_folder = "/boot/grub/i386-pc";

/// The real path of a folder of the tree: a link in the tree must not lead a tool out of it.
std::string real_folder(const util::RootDir& tree, const std::string& path) {
    const std::optional<util::Fd> folder = tree.open(path, O_PATH | O_DIRECTORY);
    if (!folder) {
        throw util::Error({.what = "the tree has no folder for the mount point '" + path + "'",
                           .hint = "an element must make it in the image"});
    }
    return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(folder->get())).string();
}

/// Mount points below, as paths within the folder of the filesystem itself.
std::vector<std::string> paths_within(const Layout& layout, const Filesystem& filesystem) {
    std::vector<std::string> paths;
    const std::size_t cut = filesystem.mount_point == "/" ? 0 : filesystem.mount_point.size();
    for (const std::string& point : mount_points_below(layout, filesystem)) {
        paths.push_back(point.substr(cut));
    }
    return paths;
}

void make_filesystems(const DiskJob& job,
                      const util::RootDir& tree,
                      const Placement& placement,
                      const Contents& contents,
                      process::Runner& runner) {
    for (const Filesystem& filesystem : job.layout.filesystems) {
        FilesystemJob part{.filesystem = filesystem,
                           .region = placement.filesystems.at(filesystem.name),
                           .raw_path = job.raw_path,
                           .seed = job.seed,
                           .epoch = job.epoch};
        if (!filesystem.mount_point.empty()) {
            part.content = contents.at(filesystem.name);
            part.source = real_folder(tree, filesystem.mount_point);
            part.leave_empty = paths_within(job.layout, filesystem);
        }
        util::with_context("filesystem '" + filesystem.name + "'",
                           [&] { make_filesystem(part, runner); });
    }
}

/// GRUB needs a table, and its two images in the tree.
Bootloader
embed_bootloader(const util::RootDir& tree, const RawFile& raw, const Placement& placement) {
    const std::string folder = k_grub_folder;
    const std::optional<std::string> boot = tree.read(folder + "/boot.img");
    const std::optional<std::string> core = tree.read(folder + "/core.img");
    if (placement.table == TableKind::none || !boot || !core) {
        return Bootloader::none;
    }
    util::with_context("bootloader",
                       [&] { install_bootloader(raw, placement, {.boot = *boot, .core = *core}); });
    return Bootloader::grub_bios;
}

} // namespace

DiskResult write_disk(const DiskJob& job, process::Runner& runner, report::Reporter& reporter) {
    report::Step step(reporter, "disk");
    const util::RootDir tree(job.tree);
    const Contents contents = measure_contents(job.layout, tree);
    DiskResult result{.placement = place(job.layout, contents, job.size)};
    const RawFile raw = RawFile::create(job.raw_path, result.placement.disk_size);
    write_partition_table(raw, result.placement, job.seed);
    make_filesystems(job, tree, result.placement, contents, runner);
    result.bootloader = embed_bootloader(tree, raw, result.placement);
    step.done(util::human_bytes(result.placement.disk_size) + ", " + table_name(job.layout.table) +
              " table");
    return result;
}

} // namespace kiln::disk
