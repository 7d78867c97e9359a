#pragma once

#include <string>

namespace kiln::disk {

/// Lower-case hexadecimal digests of a file.
struct Checksums {
    std::string md5;
    std::string sha256;
};

/// Both in one pass; holes of a sparse file are not read.
Checksums compute_checksums(const std::string& path);

/// Writes IMAGE.md5 and IMAGE.sha256 beside the image, as `sha256sum -c` in its folder takes them.
void write_checksum_files(const std::string& image_path, const Checksums& checksums);

} // namespace kiln::disk
