#pragma once

#include <string>
#include <string_view>

namespace kiln::disk {

/// Which digests are wanted.
struct ChecksumKinds {
    bool md5 = false;
    bool sha256 = false;
};

/// "md5", "sha256" or "md5,sha256"; "1" and "true" mean both; "0", "false" and nothing mean none.
/// Throws Error (code usage).
ChecksumKinds parse_checksum_kinds(std::string_view text);

/// Lower-case hexadecimal digests of a file; empty where not wanted.
struct Checksums {
    std::string md5;
    std::string sha256;
};

/// All at the same time; holes of a sparse file are not read.
Checksums compute_checksums(const std::string& path,
                            ChecksumKinds kinds = {.md5 = true, .sha256 = true});

/// Writes IMAGE.md5 and IMAGE.sha256 beside the image, as `sha256sum -c` in its folder takes them;
/// a prefix ("out/") makes it the folder that the prefix starts from.
void write_checksum_files(const std::string& image_path,
                          const Checksums& checksums,
                          const std::string& prefix = {});

} // namespace kiln::disk
