#include "disk/filesystem.hpp"

#include "disk/filesystem_writers.hpp"

namespace kiln::disk {

void make_filesystem(const FilesystemJob& job, process::Runner& runner) {
    if (job.filesystem.type == FilesystemType::vfat) {
        make_vfat(job, runner);
    } else {
        make_ext4(job, runner);
    }
}

} // namespace kiln::disk
