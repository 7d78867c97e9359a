#pragma once

#include "store/image_store.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kiln::store {

/// What was found out about data while it was written.
struct StoredData {
    std::uint64_t size = 0;
    std::string md5{};
    std::string sha512{};
    /// Of the disk in it; empty where the format does not tell.
    std::optional<std::uint64_t> virtual_size{};
};

/// Copies the data into an open, empty file and puts it on the disk. Throws StoreError when there
/// is more or less of it than was announced, and lets through what its read throws.
StoredData
write_data(int fd, const std::string& path, const ImageData& data, const std::string& disk_format);

} // namespace kiln::store
