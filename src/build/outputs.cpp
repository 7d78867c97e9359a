#include "build/outputs.hpp"

#include "build/temporary_output.hpp"
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
      formats_(disk::parse_formats(context.options.formats)),
      facts_(stored.facts()) {}

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
        publish(temporary, format, stored_.digest_of(format));
    } else {
        confirm(format);
    }
    step.done(target.string() +
              (answer == ImageCache::Answer::copied ? ", from the cache" : ", holds it already"));
}

/// What stands beside an image that is in its place may be missing.
void Outputs::confirm(ImageFormat format) {
    const fs::path target = target_of(format);
    const std::string sha256 = stored_.digest_of(format);
    place_record(context_, target, record_of(format, target, sha256));
    write_checksums(format, checksums_of(target, sha256));
    written_[format] = {.path = target, .sha256 = sha256};
}

fs::path Outputs::target_of(ImageFormat format) const {
    return context_.options.output.string() + extension_of(format);
}

void Outputs::write(ImageFormat format, const std::function<void(const std::string&)>& make) {
    report::Step step(reporter_, "write " + std::string(disk::format_info(format).name));
    const fs::path target = target_of(format);
    const std::string temporary = new_temporary_output(context_, target);
    make(temporary);
    publish(temporary, format, "");
    step.done(target.string() + ", " + util::human_bytes(fs::file_size(target)));
}

/// sha256: as far as it is known.
void Outputs::publish(const std::string& temporary, ImageFormat format, const std::string& sha256) {
    const fs::path target = target_of(format);
    const disk::Checksums checksums = checksums_of(temporary, sha256);
    // Of this file, whatever another build puts in its place meanwhile.
    const catalog::BuildRecord record = record_of(format, temporary, checksums.sha256);
    if (context_.options.old_outputs == OldOutputs::keep) {
        keep_old(format);
    }
    disk::publish(temporary, target);
    place_record(context_, target, record);
    write_checksums(format, checksums);
    stored_.keep(format, target, checksums.sha256);
    written_[format] = {.path = target, .sha256 = checksums.sha256};
}

/// All that are asked for, and sha256 in any case: the record and the cache need it.
disk::Checksums Outputs::checksums_of(const std::string& path, const std::string& sha256) const {
    const disk::ChecksumKinds wanted = disk::parse_checksum_kinds(context_.options.checksums);
    disk::Checksums checksums =
        disk::compute_checksums(path, {.md5 = wanted.md5, .sha256 = sha256.empty()});
    if (!sha256.empty()) {
        checksums.sha256 = sha256;
    }
    return checksums;
}

void Outputs::write_checksums(ImageFormat format, const disk::Checksums& checksums) const {
    const disk::ChecksumKinds wanted = disk::parse_checksum_kinds(context_.options.checksums);
    disk::write_checksum_files(
        target_of(format),
        {.md5 = wanted.md5 ? checksums.md5 : "", .sha256 = wanted.sha256 ? checksums.sha256 : ""},
        context_.options.checksum_prefix);
}

catalog::BuildRecord
Outputs::record_of(ImageFormat format, const std::string& path, const std::string& sha256) const {
    return build::record_of(
        context_.options, facts_, {.format = format, .path = path, .sha256 = sha256});
}

void Outputs::note_system(const cache::OsRelease& system) {
    facts_.os_distro = system.id;
    facts_.os_version = system.version_id;
}

void Outputs::note_disk_size(std::uint64_t bytes) {
    facts_.disk_size = bytes;
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
    std::error_code ignored;
    fs::rename(catalog::record_path(target), catalog::record_path(old), ignored);
    for (const char* kind : {".md5", ".sha256"}) {
        fs::rename(target.string() + kind, old.string() + kind, ignored);
    }
    reporter_.info("the old image is now '" + old.string() + "'");
}

std::vector<fs::path> Outputs::files() const {
    std::vector<fs::path> files;
    for (const ImageFormat format : formats_) {
        const auto found = written_.find(format);
        if (found != written_.end()) {
            files.push_back(found->second.path);
        }
    }
    return files;
}

std::vector<WrittenFile> Outputs::all_files() const {
    std::vector<WrittenFile> all;
    for (const auto& [format, file] : written_) {
        all.push_back(file);
        all.push_back({.path = catalog::record_path(file.path)});
        for (const char* kind : {".md5", ".sha256"}) {
            if (!context_.options.checksums.empty() && fs::exists(file.path.string() + kind)) {
                all.push_back({.path = file.path.string() + kind});
            }
        }
    }
    return all;
}

} // namespace kiln::build
