#include "disk/ext4_filler.hpp"
#include "disk/ext4_image.hpp"
#include "disk/ext4_size.hpp"
#include "disk/filesystem_writers.hpp"
#include "disk/hidden_paths.hpp"
#include "disk/identity.hpp"
#include "disk/raw_file.hpp"
#include "disk/tool_failure.hpp"
#include "process/tools/mke2fs.hpp"
#include "util/error.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

namespace kiln::disk {
namespace {

bool ran_out_of_space(const process::Result& result) {
    const std::string output = result.out + result.err;
    for (const char* words : {"Could not allocate block", "Could not allocate inode"}) {
        if (output.find(words) != std::string::npos) {
            return true;
        }
    }
    return false;
}

process::Command command_for(const FilesystemJob& job) {
    const Filesystem& filesystem = job.filesystem;
    process::Command command = process::mke2fs_command(
        {.type = type_name(filesystem.type),
         .file = job.raw_path,
         .offset = job.region.offset,
         .size = job.region.size,
         .label = filesystem.label,
         .uuid =
             filesystem.uuid.empty() ? filesystem_uuid(job.seed, filesystem.name) : filesystem.uuid,
         .hash_seed = to_string(derive_uuid(job.seed, "hash " + filesystem.name)),
         .inodes = inode_count(job.region.size, job.content),
         .journal = filesystem.type == FilesystemType::ext2 ? 0 : journal_size(job.region.size),
         .source = job.source,
         .options = filesystem.options,
         .epoch = job.epoch});
    if (!job.source.empty() && !job.leave_empty.empty()) {
        command.namespaces = CLONE_NEWNS;
        command.child_setup = hide_paths(job.source, job.leave_empty);
    }
    return command;
}

[[noreturn]] void throw_no_room(const FilesystemJob& job) {
    throw_too_small("the filesystem '" + job.filesystem.name + "'",
                    comfortable_size(job.filesystem.type, job.content),
                    job.region.size);
}

void run_mke2fs(const FilesystemJob& job, process::Runner& runner) {
    const process::Command command = command_for(job);
    const process::Result result = runner.run(command);
    if (result.exit_code != 0 && ran_out_of_space(result)) {
        throw_no_room(job);
    }
    if (result.exit_code != 0 || result.timed_out) {
        throw_tool_failure(command, result, job.raw_path);
    }
}

/// mke2fs counts on zeros.
void make_hole(const FilesystemJob& job) {
    const RawFile raw = RawFile::open_writable(job.raw_path);
    if (::fallocate(raw.fd(),
                    FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                    static_cast<off_t>(job.region.offset),
                    static_cast<off_t>(job.region.size)) != 0) {
        throw_write_error(job.raw_path);
    }
}

/// mke2fs 1.47.0 takes neither the mode of the root directory nor, for files, any epoch.
void settle_content(const FilesystemJob& job) {
    Ext4Image image = Ext4Image::open(job.raw_path, job.region.offset, Ext4Image::Access::write);

    struct stat status {};

    if (!job.source.empty() && ::stat(job.source.c_str(), &status) == 0) {
        image.set_owner("/",
                        {.user = status.st_uid, .group = status.st_gid, .mode = status.st_mode});
    }
    if (job.epoch) {
        image.set_times(*job.epoch);
    }
    image.close();
}

void fill_with_mke2fs(const FilesystemJob& job, process::Runner& runner) {
    run_mke2fs(job, runner);
    settle_content(job);
}

/// kiln fills a plain ext4 in a third of the time that `mke2fs -d` needs, which writes one block at
/// a time; what the options of the user made of it may be for mke2fs alone.
void fill_any_way(const FilesystemJob& job, process::Runner& runner) {
    switch (fill_ext4(job)) {
    case FillAnswer::filled:
        return;
    case FillAnswer::no_room:
        throw_no_room(job);
    case FillAnswer::not_plain:
        make_hole(job);
        fill_with_mke2fs(job, runner);
    }
}

} // namespace

void make_ext4(const FilesystemJob& job, process::Runner& runner) {
    if (job.source.empty() || job.filesystem.type != FilesystemType::ext4) {
        fill_with_mke2fs(job, runner);
        return;
    }
    FilesystemJob empty = job;
    empty.source.clear();
    run_mke2fs(empty, runner);
    fill_any_way(job, runner);
}

} // namespace kiln::disk
