#include "build/outputs.hpp"

#include "build/temporary_output.hpp"
#include "disk/checksums.hpp"
#include "util/text.hpp"

#include <array>
#include <ctime>
#include <system_error>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;
using disk::FormatSource;
using disk::ImageFormat;

std::string extension_of(ImageFormat format) {
    return "." + std::string(disk::format_info(format).extension);
}

/// "-2026.11.21-10.15.00", local time.
std::string date_suffix() {
    const std::time_t now = std::time(nullptr);
    std::tm local = {};
    ::localtime_r(&now, &local);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "-%Y.%m.%d-%H.%M.%S", &local);
    return text.data();
}

/// The old file gets a second name, so that the target is never missing; where links are not
/// possible it is renamed.
void set_aside(const fs::path& file, const fs::path& other) {
    std::error_code error;
    fs::create_hard_link(file, other, error);
    if (error) {
        fs::rename(file, other);
    }
}

} // namespace

Outputs::Outputs(const BuildContext& context, ImageCache& stored, report::Reporter& reporter)
    : context_(context),
      stored_(stored),
      reporter_(reporter),
      formats_(disk::parse_formats(context.options.formats)) {}

std::vector<ImageFormat> Outputs::wanted(FormatSource source) const {
    std::vector<ImageFormat> formats;
    for (const ImageFormat format : formats_) {
        if (disk::format_info(format).source == source && written_.count(format) == 0) {
            formats.push_back(format);
        }
    }
    return formats;
}

void Outputs::take_stored() {
    for (const ImageFormat format : formats_) {
        take_stored(format);
    }
}

void Outputs::take_stored(ImageFormat format) {
    const fs::path target = target_of(format);
    const std::string temporary = new_temporary_output(context_, target);
    const ImageCache::Answer answer = stored_.take(format, target, temporary);
    if (answer == ImageCache::Answer::none) {
        return;
    }
    report::Step step(reporter_, "write " + std::string(disk::format_info(format).name));
    if (answer == ImageCache::Answer::copied) {
        publish(temporary, format);
        stored_.keep(format, target);
    } else {
        write_missing_checksums(format);
    }
    written_[format] = target;
    step.done(target.string() +
              (answer == ImageCache::Answer::copied ? ", from the cache" : ", holds it already"));
}

void Outputs::write_missing_checksums(ImageFormat format) const {
    const BuildOptions& options = context_.options;
    const fs::path target = target_of(format);
    const disk::ChecksumKinds kinds = disk::parse_checksum_kinds(options.checksums);
    disk::write_checksum_files(
        target, disk::compute_checksums(target, kinds), options.checksum_prefix);
}

fs::path Outputs::target_of(ImageFormat format) const {
    return context_.options.output.string() + extension_of(format);
}

void Outputs::write(ImageFormat format, const std::function<void(const std::string&)>& make) {
    report::Step step(reporter_, "write " + std::string(disk::format_info(format).name));
    const fs::path target = target_of(format);
    const std::string temporary = new_temporary_output(context_, target);
    make(temporary);
    publish(temporary, format);
    stored_.keep(format, target);
    written_[format] = target;
    step.done(target.string() + ", " + util::human_bytes(fs::file_size(target)));
}

void Outputs::publish(const std::string& temporary, ImageFormat format) const {
    const BuildOptions& options = context_.options;
    const disk::ChecksumKinds kinds = disk::parse_checksum_kinds(options.checksums);
    const disk::Checksums checksums = disk::compute_checksums(temporary, kinds);
    if (options.old_outputs == OldOutputs::keep) {
        keep_old(format);
    }
    const fs::path target = target_of(format);
    disk::publish(temporary, target);
    disk::write_checksum_files(target, checksums, options.checksum_prefix);
}

void Outputs::keep_old(ImageFormat format) const {
    const fs::path target = target_of(format);
    if (!fs::is_regular_file(fs::symlink_status(target))) {
        return;
    }
    const std::string start = context_.options.output.string() + date_suffix();
    fs::path old = start + extension_of(format);
    for (int number = 2; fs::exists(fs::symlink_status(old)); ++number) {
        old = start + "-" + std::to_string(number) + extension_of(format);
    }
    set_aside(target, old);
    for (const char* kind : {".md5", ".sha256"}) {
        std::error_code ignored;
        fs::rename(target.string() + kind, old.string() + kind, ignored);
    }
    reporter_.info("the old image is now '" + old.string() + "'");
}

std::vector<fs::path> Outputs::files() const {
    std::vector<fs::path> files;
    for (const ImageFormat format : formats_) {
        const auto found = written_.find(format);
        if (found != written_.end()) {
            files.push_back(found->second);
        }
    }
    return files;
}

std::vector<fs::path> Outputs::all_files() const {
    std::vector<fs::path> all;
    for (const fs::path& file : files()) {
        all.push_back(file);
        for (const char* kind : {".md5", ".sha256"}) {
            if (!context_.options.checksums.empty() && fs::exists(file.string() + kind)) {
                all.emplace_back(file.string() + kind);
            }
        }
    }
    return all;
}

} // namespace kiln::build
