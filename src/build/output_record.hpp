#pragma once

#include "build/context.hpp"
#include "catalog/build_record.hpp"
#include "disk/formats.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace kiln::build {

/// What is known of an image whatever its format.
struct ImageFacts {
    /// The key of its inputs; empty: nobody knows them all.
    std::string key{};
    /// Seconds since 1970: when this content was first made.
    std::int64_t built = 0;
    /// In bytes; 0 without a disk.
    std::uint64_t disk_size = 0;
    /// ID and VERSION_ID of the os-release of the tree.
    std::string os_distro{};
    std::string os_version{};
};

/// One file of an image.
struct ImageFile {
    disk::ImageFormat format{};
    /// Where it lies now; its size and time are read there.
    std::string path{};
    std::string sha256{};
};

/// What the record of a file tells: what was asked for, and what came of it; no paths of this
/// machine, and nothing of the environment. Throws Error.
catalog::BuildRecord
record_of(const BuildOptions& options, const ImageFacts& facts, const ImageFile& file);

/// Puts a record beside an image, unless the one there says the same. Throws Error.
void place_record(const BuildContext& context,
                  const std::filesystem::path& image,
                  const catalog::BuildRecord& record);

} // namespace kiln::build
