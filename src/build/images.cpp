#include "build/images.hpp"

#include <algorithm>

namespace kiln::build {
namespace {

using disk::ImageFormat;

/// The raw output is the disk itself.
std::vector<ImageFormat> raw_last(std::vector<ImageFormat> formats) {
    std::stable_partition(formats.begin(), formats.end(), [](ImageFormat format) {
        return format != ImageFormat::raw;
    });
    return formats;
}

} // namespace

void write_disk_outputs(const BuildContext& context,
                        const RawDisk& disk,
                        Outputs& outputs,
                        process::Runner& runner) {
    const BuildOptions& options = context.options;
    for (const ImageFormat format : raw_last(outputs.wanted(disk::FormatSource::disk))) {
        outputs.write(format, [&](const std::string& temporary) {
            disk::make_image(
                {.raw_path = disk.path,
                 .format = format,
                 .options = {.compression = disk::parse_compression(options.compression),
                             .qemu_options = options.qemu_img_options},
                 .raw_image = disk::RawImage::consume,
                 .temporary_path = temporary,
                 .ids = {.seed = disk.seed,
                         .epoch = disk.epoch,
                         .file_name = outputs.target_of(format).filename().string()}},
                runner);
        });
    }
}

} // namespace kiln::build
