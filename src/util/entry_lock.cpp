#include "util/entry_lock.hpp"

#include "util/error.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace kiln::util {
namespace {

/// Whether the descriptor is still what the path names: the lock of a removed file is worth
/// nothing.
bool is_current(const Fd& fd, const std::string& path) {
    struct stat held = {};
    struct stat named = {};
    return ::fstat(fd.get(), &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
           held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

} // namespace

std::optional<EntryLock> EntryLock::try_take(const std::string& path, Mode mode) {
    while (true) {
        Fd fd = open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0644);
        const int operation = mode == Mode::shared ? LOCK_SH : LOCK_EX;
        if (::flock(fd.get(), operation | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK) {
                return std::nullopt;
            }
            throw_errno("cannot lock '" + path + "'");
        }
        if (is_current(fd, path)) {
            return EntryLock(std::move(fd));
        }
    }
}

EntryLock
EntryLock::take(const std::string& path, Mode mode, const std::function<void()>& on_wait) {
    constexpr std::chrono::milliseconds k_interval{100};
    while (true) {
        if (auto lock = try_take(path, mode)) {
            return std::move(*lock);
        }
        if (on_wait) {
            on_wait();
        }
        std::this_thread::sleep_for(k_interval);
    }
}

} // namespace kiln::util
