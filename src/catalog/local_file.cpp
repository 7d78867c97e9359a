#include "catalog/local_file.hpp"

#include "util/error.hpp"

#include <fcntl.h>
#include <unistd.h>

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
    done_ += static_cast<std::uint64_t>(count);
    digest_.follow_to(done_);
    return static_cast<std::size_t>(count);
}

/// A sender that asks for a new start may learn then that all data had arrived, and read no more.
void LocalFile::rewind() {
    done_ = 0;
}

std::string LocalFile::finish() {
    std::string digest = digest_.finish(size());
    struct stat now = {};
    const bool same = ::fstat(fd_.get(), &now) == 0 && now.st_size == begun_.st_size &&
                      now.st_mtim.tv_sec == begun_.st_mtim.tv_sec &&
                      now.st_mtim.tv_nsec == begun_.st_mtim.tv_nsec;
    if (!same) {
        throw util::Error(
            {.what = "'" + path_ + "' changed while it was read",
             .hint = "does a build still write it? run the same command again after"});
    }
    return digest;
}

} // namespace kiln::catalog
