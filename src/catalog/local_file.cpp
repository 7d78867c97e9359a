#include "catalog/local_file.hpp"

#include "util/error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <vector>

namespace kiln::catalog {

LocalFile::LocalFile(std::string path)
    : path_(std::move(path)), fd_(util::open_file(path_, O_RDONLY)) {
    if (::fstat(fd_.get(), &begun_) != 0) {
        util::throw_errno("cannot look at '" + path_ + "'");
    }
    if (!S_ISREG(begun_.st_mode)) {
        throw util::Error({.what = "'" + path_ + "' is no regular file",
                           .hint = "name an image file",
                           .code = util::ExitCode::usage});
    }
    ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
}

store::ImageData LocalFile::data(const std::function<void(std::uint64_t)>& progress) {
    return {.size = size(),
            .read =
                [this, progress](char* buffer, std::size_t capacity) {
                    const std::size_t count = read(buffer, capacity);
                    progress(done_);
                    return count;
                },
            .rewind = [this] { rewind(); }};
}

std::size_t LocalFile::read(char* buffer, std::size_t capacity) {
    const ssize_t count = ::pread(fd_.get(), buffer, capacity, static_cast<off_t>(done_));
    if (count < 0) {
        util::throw_errno("cannot read '" + path_ + "'");
    }
    digest_.update({buffer, static_cast<std::size_t>(count)});
    done_ += static_cast<std::uint64_t>(count);
    return static_cast<std::size_t>(count);
}

void LocalFile::rewind() {
    done_ = 0;
    digest_ = util::Digest(util::DigestKind::sha512);
}

/// A sender may have asked for a new start, and have learnt then that all data had arrived.
void LocalFile::read_rest() {
    constexpr std::size_t k_buffer = 1024UL * 1024;
    std::vector<char> buffer(done_ < size() ? k_buffer : 0);
    while (done_ < size() && read(buffer.data(), buffer.size()) > 0) {
    }
}

std::string LocalFile::finish() {
    read_rest();
    struct stat now = {};
    const bool same = ::fstat(fd_.get(), &now) == 0 && now.st_size == begun_.st_size &&
                      now.st_mtim.tv_sec == begun_.st_mtim.tv_sec &&
                      now.st_mtim.tv_nsec == begun_.st_mtim.tv_nsec && done_ == size();
    if (!same) {
        throw util::Error(
            {.what = "'" + path_ + "' changed while it was read",
             .hint = "does a build still write it? run the same command again after"});
    }
    return digest_.finish();
}

} // namespace kiln::catalog
