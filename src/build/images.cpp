#include "build/images.hpp"

#include "disk/checksums.hpp"
#include "disk/formats.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;
using disk::ImageFormat;

fs::path target_of(const BuildOptions& options, ImageFormat format) {
    return options.output.string() + "." + std::string(disk::format_info(format).extension);
}

/// ".kiln-" in the name is what lets a sweep remove it.
std::string temporary_of(const BuildContext& context, const fs::path& target) {
    const fs::path name =
        "." + target.filename().string() + ".kiln-" + context.paths.directory.filename().string();
    return target.parent_path() / name;
}

void note_temporary(const std::string& path) {
    const util::Fd journal = util::open_file(Paths::k_journal, O_WRONLY | O_CREAT | O_APPEND);
    util::write_all(journal.get(), path + "\n", Paths::k_journal);
}

std::vector<ImageFormat> raw_last(std::vector<ImageFormat> formats) {
    std::stable_partition(formats.begin(), formats.end(), [](ImageFormat format) {
        return format != ImageFormat::raw;
    });
    return formats;
}

} // namespace

std::vector<fs::path> write_outputs(const BuildContext& context,
                                    const std::string& raw,
                                    process::Runner& runner,
                                    report::Reporter& reporter) {
    const BuildOptions& options = context.options;
    std::vector<fs::path> files;
    for (const ImageFormat format : raw_last(disk::parse_formats(options.formats))) {
        const std::string name(disk::format_info(format).name);
        report::Step step(reporter, "write " + name);
        const fs::path target = target_of(options, format);
        const std::string temporary = temporary_of(context, target);
        note_temporary(temporary);
        disk::make_image({.raw_path = raw,
                          .format = format,
                          .options = {.compression = disk::parse_compression(options.compression),
                                      .qemu_options = options.qemu_img_options},
                          .raw_image = disk::RawImage::consume,
                          .temporary_path = temporary},
                         runner);
        if (options.checksum) {
            const disk::Checksums checksums = disk::compute_checksums(temporary);
            disk::publish(temporary, target);
            disk::write_checksum_files(target, checksums);
        } else {
            disk::publish(temporary, target);
        }
        files.push_back(target);
        step.done(target.string() + ", " + util::human_bytes(fs::file_size(target)));
    }
    return files;
}

} // namespace kiln::build
