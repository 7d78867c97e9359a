#pragma once

#include "util/fd.hpp"

#include <optional>
#include <string>

namespace kiln::store {

/// A file that one process writes. It is locked (flock) until it is closed or the process ends,
/// also when it gets another name meanwhile.
class LockedFile {
public:
    /// Makes the file where it is missing; nothing when another process has it. Throws StoreError.
    static std::optional<LockedFile> take(const std::string& path);

    /// Whether a process has the file.
    static bool is_taken(const std::string& path);

    /// Whether the path still names it.
    [[nodiscard]] bool is_current() const;

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// What it was opened as.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    LockedFile(util::Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

    util::Fd fd_;
    std::string path_;
};

} // namespace kiln::store
