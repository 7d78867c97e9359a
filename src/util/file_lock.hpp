#pragma once

#include "util/fd.hpp"

#include <optional>
#include <string>

namespace kiln::util {

/// An exclusive flock(2) on a file. The lock belongs to the open file description: a forked child
/// that keeps the descriptor keeps the lock.
class FileLock {
public:
    /// Creates the file where needed and takes the lock, or gives nothing when another holds it.
    static std::optional<FileLock> try_lock(const std::string& path);

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

private:
    explicit FileLock(Fd fd) : fd_(std::move(fd)) {}

    Fd fd_;
};

} // namespace kiln::util
