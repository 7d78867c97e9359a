#pragma once

#include "util/digest.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kiln::store {

/// Writes an open file from its start, or from where an earlier one stopped. Blocks of zeros become
/// holes. Throws StoreError.
class DataWriter {
public:
    DataWriter(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

    /// What the file has already counts as written, and is read for the digest. At most limit
    /// bytes of it; what lies behind is cut off. Returns how much that is.
    std::uint64_t keep(std::uint64_t limit, util::Digest& digest);

    /// Throws all away that was written.
    void restart();

    void write(std::string_view data);

    /// Gives the file its length and puts it on the disk.
    void finish();

private:
    void write_block(std::string_view block);
    void truncate(std::uint64_t size);

    int fd_;
    std::string path_;
    std::uint64_t offset_ = 0;
};

/// fsync of a folder, so that what was renamed in it stays renamed. Throws StoreError.
void sync_folder(const std::string& path);

} // namespace kiln::store
