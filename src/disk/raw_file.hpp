#pragma once

#include "util/fd.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::disk {

/// Bytes for a place in a file.
struct Patch {
    std::uint64_t offset = 0;
    std::string bytes;
};

/// A raw disk image, read and written at offsets. Every error names the file; a full disk of the
/// host is said as such.
class RawFile {
public:
    /// Makes or empties the file and gives it its size; all of it is a hole.
    static RawFile create(const std::string& path, std::uint64_t size);
    static RawFile open_readable(const std::string& path);
    static RawFile open_writable(const std::string& path);

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    [[nodiscard]] std::uint64_t size() const;

    /// Exactly length bytes; throws Error when the file ends before.
    [[nodiscard]] std::string read(std::uint64_t offset, std::size_t length) const;

    /// The same into memory of the caller.
    void read(std::uint64_t offset, char* target, std::size_t length) const;

    void write(std::uint64_t offset, std::string_view bytes) const;
    void write(const Patch& patch) const;
    void write(const std::vector<Patch>& patches) const;

private:
    RawFile(std::string path, util::Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

    std::string path_;
    util::Fd fd_;
};

/// Throws Error for the errno of a failed write to path; ENOSPC and EDQUOT become "disk full".
[[noreturn]] void throw_write_error(const std::string& path);

} // namespace kiln::disk
