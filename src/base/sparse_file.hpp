#pragma once

#include "util/fd.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace kiln::base {

/// Writes a file of a given size whose blocks of zeros are holes. Stops with "disk full" before the
/// disk is. Every error names the file.
class SparseFile {
public:
    SparseFile(util::Fd fd, std::string name, std::uint64_t size);

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// Throws Error for what lies beyond the size.
    void write(std::uint64_t offset, std::string_view bytes);

    /// Gives it its size.
    void finish() const;

private:
    void put(std::uint64_t offset, std::string_view bytes);

    util::Fd fd_;
    std::string name_;
    std::uint64_t size_;
    std::uint64_t unwatched_ = 0;
};

} // namespace kiln::base
