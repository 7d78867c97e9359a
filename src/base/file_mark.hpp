#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace kiln::base {

/// What a file looked like when its content was verified. While it looks the same, nobody wrote
/// to it: the time of its last change of status cannot be set back.
struct FileMark {
    std::uint64_t size = 0;
    std::uint64_t inode = 0;
    std::int64_t modified = 0;
    std::int64_t changed = 0;
    /// Where the content came from, for people.
    std::string origin{};

    [[nodiscard]] bool same_file(const FileMark& other) const {
        return size == other.size && inode == other.inode && modified == other.modified &&
               changed == other.changed;
    }
};

/// Of a regular file; nothing when there is none of that name. A link is none.
std::optional<FileMark> mark_of(const std::string& path);

/// Of what is open.
std::optional<FileMark> mark_of(int fd);

std::string to_json(const FileMark& mark);

/// Nothing for text that is no such mark.
std::optional<FileMark> mark_from_json(const std::string& text);

} // namespace kiln::base
