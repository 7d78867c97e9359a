#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kiln::tests {

/// Every path of a tree, with everything that a copy can lose, as one line each: type, mode, owner,
/// number of links, size, digest of the content or target of the link, extended attributes.
using Tree = std::map<std::string, std::string>;

/// Reads an ext4 file system with libext2fs, without kiln's own reader.
Tree read_image(const std::string& image, std::uint64_t offset = 0);

/// The content of one file of it; nothing when it is not there.
std::optional<std::string>
read_from_image(const std::string& image, const std::string& path, std::uint64_t offset = 0);

/// Lines "path: left <> right", for messages.
std::vector<std::string> differences(const Tree& left, const Tree& right);

/// Where the last partition of a disk starts, in bytes.
std::uint64_t last_partition(const std::string& image);

/// What a program of the host prints (both streams).
struct Answer {
    int exit_code = 0;
    std::string text;
};

Answer ask(const std::vector<std::string>& argv);

} // namespace kiln::tests
