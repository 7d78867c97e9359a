#include "disk/formats.hpp"

#include "disk/image_ids.hpp"
#include "disk/qcow2_writer.hpp"
#include "disk/raw_copy.hpp"
#include "disk/raw_file.hpp"
#include "disk/tool_failure.hpp"
#include "process/tools/qemu_img.hpp"
#include "util/atomic_file.hpp"
#include "util/edit_distance.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>

namespace kiln::disk {
namespace {

constexpr std::array<FormatInfo, 13> k_formats = {
    {{ImageFormat::qcow2, "qcow2", "qcow2", FormatSource::disk},
     {ImageFormat::raw, "raw", "raw", FormatSource::disk},
     {ImageFormat::vhd, "vhd", "vhd", FormatSource::disk},
     {ImageFormat::vhdx, "vhdx", "vhdx", FormatSource::disk},
     {ImageFormat::vmdk, "vmdk", "vmdk", FormatSource::disk},
     {ImageFormat::vdi, "vdi", "vdi", FormatSource::disk},
     {ImageFormat::tar, "tar", "tar", FormatSource::tree},
     {ImageFormat::tgz, "tgz", "tgz", FormatSource::tree},
     {ImageFormat::tar_zst, "tar.zst", "tar.zst", FormatSource::tree},
     // The extension that the field's scripts look for.
     {ImageFormat::squashfs, "squashfs", "squash", FormatSource::tree},
     {ImageFormat::aci, "aci", "aci", FormatSource::tree},
     {ImageFormat::oci, "oci", "oci.tar", FormatSource::tree},
     {ImageFormat::docker, "docker", "docker.tar", FormatSource::tree}}};

template <typename Rows>
std::vector<std::string> names_of(const Rows& rows) {
    std::vector<std::string> names;
    names.reserve(rows.size());
    for (const auto& row : rows) {
        names.emplace_back(row.name);
    }
    return names;
}

[[noreturn]] void throw_unknown(const std::string& kind,
                                const std::string& word,
                                const std::vector<std::string>& known) {
    throw util::Error(
        {.what = "unknown " + kind + " '" + word + "'",
         .hint = util::did_you_mean(word, known, "known are: " + util::join(known, ", ")),
         .code = util::ExitCode::usage});
}

ImageFormat parse_format(const std::string& word) {
    for (const FormatInfo& info : k_formats) {
        if (info.name == word) {
            return info.format;
        }
    }
    throw_unknown("image format", word, names_of(k_formats));
}

/// Images with these are refused by Glance, Nova and Cinder, or are in more than one file.
void check_qemu_options(const std::string& options) {
    static constexpr std::array<std::string_view, 5> k_harmful = {
        "extended_l2=on", "data_file", "backing_", "subformat=monolithicFlat", "subformat=twoGb"};
    for (const std::string& option : util::split(options, ',')) {
        const auto begins = [&](std::string_view bad) { return option.starts_with(bad); };
        if (std::any_of(k_harmful.begin(), k_harmful.end(), begins)) {
            throw util::Error({.what = "OpenStack refuses images with '" + option + "'",
                               .hint = "leave it out of --qemu-img-options",
                               .code = util::ExitCode::usage});
        }
    }
}

/// What kiln's own writer makes of the options; nothing when they need qemu-img.
std::optional<Qcow2Options> own_qcow2_options(const FormatOptions& options) {
    const std::string& words = options.qemu_options;
    if (words == "compat=0.10" || words == "compat=v2") {
        return Qcow2Options{.compression = options.compression == Compression::none
                                               ? Compression::none
                                               : Compression::zlib,
                            .version = Qcow2Version::v2};
    }
    if (words.empty() || words == "compat=1.1" || words == "compat=v3") {
        return Qcow2Options{.compression = options.compression};
    }
    return std::nullopt;
}

/// compat=0.10 has no zstd.
process::QemuConvert qcow2_by_qemu_img(const ImageJob& job) {
    const FormatOptions& options = job.options;
    const bool old = options.qemu_options.find("compat=0.10") != std::string::npos;
    process::QemuConvert convert{.source = job.raw_path, .target = job.temporary_path};
    convert.compression = options.compression == Compression::none ? process::QemuCompression::off
                                                                   : process::QemuCompression::on;
    if (options.compression == Compression::zstd && !old) {
        convert.options.emplace_back("compression_type=zstd");
    }
    if (!old) {
        convert.options.emplace_back("compat=1.1");
    }
    convert.options.push_back(options.qemu_options);
    return convert;
}

void make_qcow2(const ImageJob& job, process::Runner& runner) {
    check_qemu_options(job.options.qemu_options);
    if (const std::optional<Qcow2Options> options = own_qcow2_options(job.options)) {
        write_qcow2(job.raw_path, job.temporary_path, *options);
        return;
    }
    run_writer(runner, process::qemu_convert_command(qcow2_by_qemu_img(job)), job.temporary_path);
}

/// The formats of other hypervisors, by the names that qemu-img has for them.
void make_foreign(const ImageJob& job, const std::string& qemu_name, process::Runner& runner) {
    check_qemu_options(job.options.qemu_options);
    process::QemuConvert convert{.source = job.raw_path,
                                 .target = job.temporary_path,
                                 .format = qemu_name,
                                 .compression = process::QemuCompression::off};
    if (job.format == ImageFormat::vhd) {
        // Else the size is rounded up to what heads and cylinders can express.
        convert.options = {"subformat=dynamic", "force_size=on"};
    }
    if (!job.options.qemu_options.empty()) {
        convert.options.push_back(job.options.qemu_options);
    }
    run_writer(runner, process::qemu_convert_command(convert), job.temporary_path);
    settle_ids(job.format, job.temporary_path, job.ids);
}

void make_raw(const ImageJob& job) {
    const bool consume = job.raw_image == RawImage::consume;
    if (consume && ::rename(job.raw_path.c_str(), job.temporary_path.c_str()) == 0) {
        return;
    }
    if (consume && errno != EXDEV) {
        throw_write_error(job.temporary_path);
    }
    copy_sparse(job.raw_path, job.temporary_path);
    if (consume) {
        ::unlink(job.raw_path.c_str());
    }
}

void make_file(const ImageJob& job, process::Runner& runner) {
    switch (job.format) {
    case ImageFormat::raw:
        make_raw(job);
        break;
    case ImageFormat::qcow2:
        make_qcow2(job, runner);
        break;
    case ImageFormat::vhd:
        make_foreign(job, "vpc", runner);
        break;
    case ImageFormat::vhdx:
    case ImageFormat::vmdk:
    case ImageFormat::vdi:
        make_foreign(job, std::string(format_info(job.format).name), runner);
        break;
    default:
        throw util::Error({.what = "the format '" + std::string(format_info(job.format).name) +
                                   "' is not made from a disk"});
    }
}

} // namespace

const FormatInfo& format_info(ImageFormat format) {
    return *std::find_if(k_formats.begin(), k_formats.end(), [&](const FormatInfo& info) {
        return info.format == format;
    });
}

std::string known_formats() {
    return util::join(names_of(k_formats), ",");
}

std::vector<ImageFormat> parse_formats(std::string_view text) {
    std::vector<ImageFormat> formats;
    for (const std::string& part : util::split(text, ',')) {
        const std::string word(util::trim(part));
        if (word.empty()) {
            continue;
        }
        const ImageFormat format = parse_format(word);
        if (std::find(formats.begin(), formats.end(), format) == formats.end()) {
            formats.push_back(format);
        }
    }
    if (formats.empty()) {
        throw util::Error({.what = "no image format is given",
                           .hint = "name one or more: " + known_formats(),
                           .code = util::ExitCode::usage});
    }
    return formats;
}

Compression parse_compression(std::string_view text) {
    struct Row {
        std::string_view name;
        Compression value;
    };

    static constexpr std::array<Row, 3> k_rows = {
        {{"zstd", Compression::zstd}, {"zlib", Compression::zlib}, {"none", Compression::none}}};
    for (const Row& row : k_rows) {
        if (row.name == text) {
            return row.value;
        }
    }
    throw_unknown("compression", std::string(text), names_of(k_rows));
}

bool needs_qemu_img(ImageFormat format, const FormatOptions& options) {
    if (format == ImageFormat::qcow2) {
        return !own_qcow2_options(options);
    }
    return format != ImageFormat::raw && format_info(format).source == FormatSource::disk;
}

Checksums make_image(const ImageJob& job, process::Runner& runner) {
    make_file(job, runner);
    return compute_checksums(job.temporary_path, job.digests);
}

void publish(const std::string& temporary, const std::string& target) {
    const RawFile file = RawFile::open_writable(temporary);
    if (::fsync(file.fd()) != 0 || ::rename(temporary.c_str(), target.c_str()) != 0) {
        throw_write_error(target);
    }
    util::sync_directory(std::filesystem::absolute(target).parent_path().string());
}

} // namespace kiln::disk
