#pragma once

#include "build/context.hpp"
#include "build/image_cache.hpp"
#include "build/output_record.hpp"
#include "cache/os_release.hpp"
#include "disk/checksums.hpp"
#include "disk/formats.hpp"
#include "report/reporter.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace kiln::build {

/// A file of a build in its place.
struct WrittenFile {
    std::filesystem::path path;
    /// Empty where nobody asked for it yet.
    std::string sha256{};
};

/// The outputs of a build on their way: each is made under a temporary name beside its target (kept
/// in the journal for the sweep), then put in its place, with its record, and checksum files where
/// asked for. A reader of the target sees the old file or the whole new one.
class Outputs {
public:
    Outputs(const BuildContext& context, ImageCache& stored, report::Reporter& reporter);

    /// Puts those that are stored already in their place. One whose place holds it stays.
    void take_stored();

    /// Those that are wanted and not there yet, in the order of -t.
    [[nodiscard]] std::vector<disk::ImageFormat> wanted(disk::FormatSource source) const;

    /// The file that a format becomes.
    [[nodiscard]] std::filesystem::path target_of(disk::ImageFormat format) const;

    /// Calls make with the temporary path, then publishes what it has made. Throws Error.
    void write(disk::ImageFormat format, const std::function<void(const std::string&)>& make);

    /// What records tell of the images that are written from now on.
    void note_system(const cache::OsRelease& system);
    void note_disk_size(std::uint64_t bytes);

    [[nodiscard]] const ImageFacts& facts() const { return facts_; }

    [[nodiscard]] report::Reporter& reporter() const { return reporter_; }

    /// Whether all are there.
    [[nodiscard]] bool is_complete() const { return written_.size() == formats_.size(); }

    /// What was written, or was there, in the order of -t.
    [[nodiscard]] std::vector<std::filesystem::path> files() const;

    /// These, their records and their checksum files.
    [[nodiscard]] std::vector<WrittenFile> all_files() const;

private:
    void take_stored(disk::ImageFormat format);
    void confirm(disk::ImageFormat format);
    void publish(const std::string& temporary, disk::ImageFormat format, const std::string& sha256);
    [[nodiscard]] disk::Checksums checksums_of(const std::string& path,
                                               const std::string& sha256) const;
    void write_checksums(disk::ImageFormat format, const disk::Checksums& checksums) const;
    [[nodiscard]] catalog::BuildRecord
    record_of(disk::ImageFormat format, const std::string& path, const std::string& sha256) const;
    void keep_old(disk::ImageFormat format) const;

    const BuildContext& context_;
    ImageCache& stored_;
    report::Reporter& reporter_;
    std::vector<disk::ImageFormat> formats_;
    ImageFacts facts_;
    std::map<disk::ImageFormat, WrittenFile> written_{};
};

} // namespace kiln::build
