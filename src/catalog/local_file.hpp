#pragma once

#include "catalog/trailing_digest.hpp"
#include "store/image_store.hpp"
#include "util/fd.hpp"

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <string>

namespace kiln::catalog {

/// An image file on its way into a store: read once, its digest made meanwhile.
class LocalFile {
public:
    /// Throws util::Error when it cannot be read.
    explicit LocalFile(std::string path);

    [[nodiscard]] std::uint64_t size() const { return static_cast<std::uint64_t>(begun_.st_size); }

    /// Hands out the bytes; lives no longer than this. progress gets the bytes read so far.
    store::ImageData data(const std::function<void(std::uint64_t)>& progress);

    /// SHA-512 of the whole file in lower-case hexadecimal; what was not handed out is read now.
    /// May be called once. Throws util::Error when the file changed meanwhile.
    std::string finish();

private:
    std::size_t read(char* buffer, std::size_t capacity);
    void rewind();

    std::string path_;
    util::Fd fd_;
    struct stat begun_ = {};
    std::uint64_t done_ = 0;
    TrailingDigest digest_{fd_.get(), path_};
};

} // namespace kiln::catalog
