#pragma once

#include "disk/checksums.hpp"
#include "disk/compression.hpp"
#include "process/command.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::disk {

enum class ImageFormat {
    raw,
    qcow2,
    vhd,
    vhdx,
    vmdk,
    vdi,
    tar,
    tgz,
    tar_zst,
    squashfs,
    aci,
    oci,
    docker
};

/// What an output is made from.
enum class FormatSource { disk, tree };

/// What is known of a format; one row of a table.
struct FormatInfo {
    ImageFormat format;
    /// As written in -t.
    std::string_view name;
    /// Of the file, without the dot.
    std::string_view extension;
    FormatSource source;
};

const FormatInfo& format_info(ImageFormat format);

/// All names, separated by commas.
std::string known_formats();

/// "qcow2,raw", without duplicates, in the order given. Throws Error (code usage) with the nearest
/// known name.
std::vector<ImageFormat> parse_formats(std::string_view text);

/// "zstd", "zlib", "none"; throws Error (code usage).
Compression parse_compression(std::string_view text);

struct FormatOptions {
    Compression compression = Compression::zstd;
    /// Further -o options for qemu-img ("cluster_size=2M"), for every format but raw; they win over
    /// those of kiln. kiln writes qcow2 itself; with an option other than compat qemu-img does.
    std::string qemu_options = {};
};

/// What becomes of the raw image when the output is raw too.
enum class RawImage { keep, consume };

/// What the ids of an image file follow from.
struct ImageIds {
    /// Of the disk; see derive_uuid.
    std::string seed = {};
    /// Seconds since 1970.
    std::int64_t epoch = 0;
    /// Name that the file will have: a vmdk holds it.
    std::string file_name = {};
};

struct ImageJob {
    std::string raw_path;
    ImageFormat format = ImageFormat::raw;
    FormatOptions options = {};
    RawImage raw_image = RawImage::keep;
    /// File to make, in the folder of the target; the caller publishes it and owns its removal.
    std::string temporary_path;
    /// What the ids in the file follow from.
    ImageIds ids = {};
    /// Of the file that is made.
    ChecksumKinds digests = {};
};

/// Makes an image file of a format whose source is a disk: raw by a rename, a reflink, or a copy
/// that keeps holes; qcow2 by kiln's own writer; the others, and a qcow2 with options that the
/// writer does not have, through qemu-img. The same disk gives the same bytes. Returns the digests
/// that the job asks for. Throws Error: code usage for options that OpenStack refuses, code tool
/// when qemu-img fails, else code failed, as when the disk is full.
Checksums make_image(const ImageJob& job, process::Runner& runner);

/// Whether make_image starts qemu-img for it.
bool needs_qemu_img(ImageFormat format, const FormatOptions& options);

/// fsync, rename onto target, fsync of the folder.
void publish(const std::string& temporary, const std::string& target);

} // namespace kiln::disk
