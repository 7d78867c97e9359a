#pragma once

#include "util/fd.hpp"

#include <string>
#include <string_view>

namespace kiln::util {

/// A file that appears whole or not at all: written beside its target, published by commit().
/// Without commit() the destructor throws the draft away.
class AtomicFile {
public:
    /// Throws Error when the folder of target cannot be written.
    explicit AtomicFile(std::string target);
    AtomicFile(AtomicFile&&) = delete;
    AtomicFile& operator=(AtomicFile&&) = delete;
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    ~AtomicFile();

    void write(std::string_view data);

    /// fsync, rename, fsync of the folder.
    void commit();

private:
    std::string target_;
    std::string draft_;
    Fd fd_;
};

/// fsync of a folder, so that a rename in it survives a power cut.
void sync_directory(const std::string& path);

/// AtomicFile for content that is at hand.
void write_file_atomically(const std::string& path, std::string_view content);

} // namespace kiln::util
