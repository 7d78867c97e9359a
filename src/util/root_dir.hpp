#pragma once

#include "util/fd.hpp"

#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::util {

/// A directory tree that is not trusted (an image's root). Every path is resolved inside it as if
/// it were / (openat2(2) with RESOLVE_IN_ROOT), so no link in it can lead outside. Paths are
/// relative to the root, with or without a leading slash. All calls throw Error naming the path
/// unless they say otherwise.
class RootDir {
public:
    explicit RootDir(const std::string& path);

    /// Descriptor of the root itself, for fd-relative calls.
    [[nodiscard]] int fd() const noexcept { return root_.get(); }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// Opens path; nothing when it does not exist.
    [[nodiscard]] std::optional<Fd> open(std::string_view path, int flags, unsigned mode = 0) const;

    /// The same, but a link in path, on the way or at the end, is an Error: it names what was asked
    /// for or nothing.
    [[nodiscard]] std::optional<Fd> open_without_links(std::string_view path, int flags) const;

    /// lstat: links are not followed at the end; nothing when it does not exist.
    [[nodiscard]] std::optional<struct stat> status(std::string_view path) const;

    /// stat: links are followed inside the root; nothing when it does not exist.
    [[nodiscard]] std::optional<struct stat> target_status(std::string_view path) const;

    /// Whether path leads to something, links followed inside the root.
    [[nodiscard]] bool exists(std::string_view path) const;

    /// Content of a regular file; nothing when it does not exist.
    [[nodiscard]] std::optional<std::string> read(std::string_view path) const;

    /// Makes or replaces a regular file, and its folders where missing. A link at the end is
    /// replaced, not followed.
    void write(std::string_view path, std::string_view content, unsigned mode = 0644) const;

    /// Makes a folder and those above it where missing.
    void make_directories(std::string_view path, unsigned mode = 0755) const;

    /// Names in a folder, sorted; none when it does not exist or is no folder.
    [[nodiscard]] std::vector<std::string> list(std::string_view path) const;

    /// Removes a file, a link, or a folder with all that is in it; nothing happens when absent.
    void remove(std::string_view path) const;

    /// Removes what is in a folder but not the folder.
    void clear(std::string_view path) const;

private:
    struct Parent {
        Fd directory;
        std::string name;
    };

    [[nodiscard]] std::optional<Parent> parent_of(std::string_view path) const;
    [[nodiscard]] std::string describe(std::string_view path) const;

    std::string path_;
    Fd root_;
};

} // namespace kiln::util
