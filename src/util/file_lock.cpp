#include "util/file_lock.hpp"

#include "util/error.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace kiln::util {

std::optional<FileLock> FileLock::try_lock(const std::string& path) {
    Fd fd = open_file(path, O_RDWR | O_CREAT, 0600);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
        return FileLock(std::move(fd));
    }
    if (errno != EWOULDBLOCK) {
        throw_errno("cannot lock '" + path + "'");
    }
    return std::nullopt;
}

} // namespace kiln::util
