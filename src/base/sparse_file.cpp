#include "base/sparse_file.hpp"

#include "base/free_space.hpp"
#include "disk/raw_file.hpp"
#include "util/error.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace kiln::base {
namespace {

constexpr std::size_t k_block = 4096;
/// How much is written between two looks at the free space.
constexpr std::uint64_t k_watch_interval = std::uint64_t{64} * 1024 * 1024;

bool all_zero(std::string_view bytes) {
    return bytes.front() == '\0' && bytes.substr(1) == bytes.substr(0, bytes.size() - 1);
}

} // namespace

SparseFile::SparseFile(util::Fd fd, std::string name, std::uint64_t size)
    : fd_(std::move(fd)), name_(std::move(name)), size_(size) {}

void SparseFile::write(std::uint64_t offset, std::string_view bytes) {
    if (offset > size_ || bytes.size() > size_ - offset) {
        throw util::Error({.what = "'" + name_ + "' has more bytes than its size says"});
    }
    std::size_t start = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t length = std::min(k_block - (offset + at) % k_block, bytes.size() - at);
        if (all_zero(bytes.substr(at, length))) {
            put(offset + start, bytes.substr(start, at - start));
            start = at + length;
        }
        at += length;
    }
    put(offset + start, bytes.substr(start));
}

void SparseFile::put(std::uint64_t offset, std::string_view bytes) {
    unwatched_ += bytes.size();
    if (unwatched_ >= k_watch_interval) {
        unwatched_ = 0;
        if (is_nearly_full(fd_.get())) {
            errno = ENOSPC;
            disk::throw_write_error(name_);
        }
    }
    while (!bytes.empty()) {
        const ssize_t count =
            ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno != EINTR) {
            disk::throw_write_error(name_);
        }
        const auto done = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
        bytes.remove_prefix(done);
        offset += done;
    }
}

void SparseFile::finish() const {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size_)) != 0) {
        disk::throw_write_error(name_);
    }
}

} // namespace kiln::base
