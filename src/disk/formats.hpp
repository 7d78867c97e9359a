#pragma once

#include "process/command.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kiln::disk {

enum class ImageFormat { raw, qcow2 };

/// What is known of a format; one row of a table.
struct FormatInfo {
    ImageFormat format;
    /// As written in -t.
    std::string_view name;
    /// Of the file, without the dot.
    std::string_view extension;
};

const FormatInfo& format_info(ImageFormat format);

/// "qcow2,raw", without duplicates, in the order given. Throws Error (code usage) with the nearest
/// known name.
std::vector<ImageFormat> parse_formats(std::string_view text);

enum class Compression { none, zlib, zstd };

/// "zstd", "zlib", "none"; throws Error (code usage).
Compression parse_compression(std::string_view text);

struct FormatOptions {
    Compression compression = Compression::zstd;
    /// Further -o options for qemu-img ("cluster_size=2M"); they win over those of kiln.
    std::string qemu_options = {};
};

/// What becomes of the raw image when the output is raw too.
enum class RawImage { keep, consume };

struct ImageJob {
    std::string raw_path;
    ImageFormat format = ImageFormat::raw;
    FormatOptions options = {};
    RawImage raw_image = RawImage::keep;
    /// File to make, in the folder of the target; the caller publishes it and owns its removal.
    std::string temporary_path;
};

/// Makes an image file of a format from a raw image: qcow2 through qemu-img (the same bytes for the
/// same input), raw by a rename, a reflink, or a copy that keeps holes. Throws Error: code failed
/// when the disk is full, else code tool.
void make_image(const ImageJob& job, process::Runner& runner);

/// fsync, rename onto target, fsync of the folder.
void publish(const std::string& temporary, const std::string& target);

} // namespace kiln::disk
