#include "store/directory/locked_file.hpp"

#include "store/directory/local_error.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

namespace kiln::store {
namespace {

/// Whether the lock was free.
bool lock(int fd, const std::string& path) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return true;
    }
    if (errno != EWOULDBLOCK) {
        throw_local("cannot lock '" + path + "'");
    }
    return false;
}

} // namespace

std::optional<LockedFile> LockedFile::take(const std::string& path) {
    while (true) {
        util::Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
        if (!fd.valid()) {
            throw_local("cannot write '" + path + "'");
        }
        if (!lock(fd.get(), path)) {
            return std::nullopt;
        }
        LockedFile file(std::move(fd), path);
        if (file.is_current()) {
            return file;
        }
    }
}

bool LockedFile::is_taken(const std::string& path) {
    const util::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.valid()) {
        if (errno == ENOENT) {
            return false;
        }
        throw_local("cannot open '" + path + "'");
    }
    return !lock(fd.get(), path);
}

bool LockedFile::is_current() const {
    struct stat held = {};
    struct stat named = {};
    return ::fstat(fd_.get(), &held) == 0 && ::stat(path_.c_str(), &named) == 0 &&
           held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

} // namespace kiln::store
