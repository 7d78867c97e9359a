#include "inspect/image_contents.hpp"

#include "base/free_space.hpp"
#include "base/root_filesystem.hpp"
#include "disk/tool_failure.hpp"
#include "inspect/disk_format.hpp"
#include "inspect/folder_reader.hpp"
#include "process/tool_check.hpp"
#include "process/tools/qemu_img.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <exception>
#include <filesystem>

namespace kiln::inspect {
namespace {

namespace fs = std::filesystem;

/// Only its data takes room in the scratch folder.
constexpr std::uint64_t k_largest_disk = std::uint64_t{4} * 1024 * 1024 * 1024 * 1024;

struct stat status_of(const std::string& path) {
    struct stat status {};

    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            throw util::Error({.what = "there is no image '" + path + "'",
                               .hint = "name a disk image, an archive, a squashfs or a folder",
                               .code = util::ExitCode::usage});
        }
        util::throw_errno("cannot read the image '" + path + "'");
    }
    return status;
}

/// The end that on_wait asks for comes when the program has ended.
void run_stoppable(process::Runner& runner, process::Command command, const ReadOptions& options) {
    std::exception_ptr interruption;
    command.should_stop = [&] {
        try {
            if (options.on_wait) {
                options.on_wait();
            }
        } catch (...) {
            interruption = std::current_exception();
            return true;
        }
        return base::is_nearly_full(options.scratch);
    };
    const process::Result result = runner.run(command);
    if (interruption) {
        std::rethrow_exception(interruption);
    }
    if (result.stopped) {
        throw util::Error({.what = "disk full: no room for a raw copy in '" + options.scratch + "'",
                           .hint = "choose another folder with --work-dir"});
    }
    if (result.exit_code != 0) {
        disk::throw_tool_failure(command, result, options.scratch);
    }
}

std::string raw_copy(const std::string& path,
                     const FileFormat& format,
                     const std::string& target,
                     const ReadOptions& options,
                     process::Runner& runner) {
    if (format.disk_size > k_largest_disk) {
        throw util::Error({.what = "the disk in '" + path + "' is larger than " +
                                   util::human_bytes(k_largest_disk)});
    }
    process::require_tools(
        {{.name = "qemu-img", .purpose = "to read disk images", .package = "qemu-utils"}},
        process::tool_environment());
    const std::string source = fs::absolute(path);
    run_stoppable(runner, process::qemu_raw_copy_command(source, format.driver, target), options);
    return target;
}

std::optional<disk::Region> root_of(const std::string& raw, const std::string& name) {
    const auto root = base::choose_root(base::find_filesystems(raw), name);
    return root ? std::optional(root->region) : std::nullopt;
}

/// A layout can be looked at without a root.
std::optional<disk::Region> root_if_any(const std::string& raw, const std::string& name) {
    try {
        return root_of(raw, name);
    } catch (const util::Error&) {
        return std::nullopt;
    }
}

void read_tree(const SourceImage& image,
               TreeIndexer& sink,
               const ReadOptions& options,
               process::Runner& runner,
               report::Reporter& reporter) {
    if (image.format == "folder") {
        read_folder(image.path, sink);
        return;
    }
    const bool disk = !image.raw.empty();
    base::read_image({.image = disk ? image.raw : image.path,
                      .target = {},
                      .kind = disk ? base::ImageKind::raw : base::ImageKind::automatic,
                      .limits = options.limits,
                      .scratch = options.scratch,
                      .accelerator = options.accelerator,
                      .appliance_cache = options.appliance_cache},
                     sink,
                     runner,
                     reporter);
}

} // namespace

SourceImage open_source(const std::string& path,
                        const std::string& name,
                        const ReadOptions& options,
                        process::Runner& runner) {
    const struct stat status = status_of(path);
    if (S_ISDIR(status.st_mode)) {
        return {.path = path, .format = "folder"};
    }
    if (!S_ISREG(status.st_mode)) {
        throw util::Error({.what = "the image '" + path + "' is no regular file",
                           .hint = "devices are not read; copy it to a file",
                           .code = util::ExitCode::usage});
    }
    const FileFormat format = file_format(path);
    SourceImage image{.path = path, .format = format.name};
    if (format.name == "raw") {
        image.raw = path;
    } else if (!format.driver.empty()) {
        const std::string target = util::child_path(options.scratch, name + ".raw");
        image.raw = raw_copy(path, format, target, options, runner);
    }
    return image;
}

ImageContents read_contents(const SourceImage& image,
                            Trees trees,
                            const ReadOptions& options,
                            process::Runner& runner,
                            report::Reporter& reporter) {
    return util::with_context("image '" + image.path + "'", [&] {
        ImageContents contents;
        if (!image.raw.empty()) {
            const auto root = trees == Trees::read ? root_of(image.raw, image.path)
                                                   : root_if_any(image.raw, image.path);
            contents.layout =
                read_layout({.raw_path = image.raw, .root = root, .on_wait = options.on_wait});
        }
        if (trees == Trees::read) {
            TreeIndexer indexer(options.limits, options.on_wait);
            read_tree(image, indexer, options, runner, reporter);
            contents.tree = indexer.take();
        }
        return contents;
    });
}

} // namespace kiln::inspect
