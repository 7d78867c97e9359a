#include "build/output_record.hpp"

#include "build/architecture.hpp"
#include "build/temporary_output.hpp"
#include "util/fd.hpp"

#include <fcntl.h>

namespace kiln::build {

catalog::BuildRecord
record_of(const BuildOptions& options, const ImageFacts& facts, const ImageFile& file) {
    const disk::FormatInfo& info = disk::format_info(file.format);
    const bool has_disk = info.source == disk::FormatSource::disk;
    return catalog::with_state_of(file.path,
                                  {.sha256 = file.sha256,
                                   .format = std::string(info.name),
                                   .disk_size = has_disk ? facts.disk_size : 0,
                                   .build = facts.key,
                                   .built = facts.built,
                                   .elements = options.elements,
                                   .architecture = glance_architecture(options.architecture),
                                   .os_distro = facts.os_distro,
                                   .os_version = facts.os_version,
                                   .kiln = KILN_VERSION});
}

void place_record(const BuildContext& context,
                  const std::filesystem::path& image,
                  const catalog::BuildRecord& record) {
    const std::string text = catalog::to_json(record);
    const auto there = catalog::read_build_record(image);
    if (there && catalog::to_json(*there) == text) {
        return;
    }
    // Under a name of the journal, as the image was.
    const std::string path = catalog::record_path(image);
    const std::string temporary = new_temporary_output(context, path);
    util::write_all(
        util::open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC).get(), text, temporary);
    disk::publish(temporary, path);
}

} // namespace kiln::build
