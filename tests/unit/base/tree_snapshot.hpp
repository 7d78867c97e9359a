#pragma once

#include "util/digest.hpp"
#include "util/fd.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace kiln::tests {

/// What a snapshot compares of times.
enum class Times { exact, ignored };

inline std::string attributes_of(const std::string& path) {
    std::array<char, 4096> names{};
    const ssize_t length = ::llistxattr(path.c_str(), names.data(), names.size());
    std::set<std::string> found;
    for (ssize_t at = 0; at < length;) {
        const std::string name = names.data() + at;
        std::array<char, 4096> value{};
        const ssize_t size = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
        found.insert(name + "=" + util::sha256({value.data(), static_cast<std::size_t>(size)}));
        at += static_cast<ssize_t>(name.size()) + 1;
    }
    std::string text;
    for (const std::string& attribute : found) {
        text += " " + attribute;
    }
    return text;
}

inline std::string describe_file(const std::filesystem::path& path, Times times) {
    struct stat status {};

    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    std::array<char, 32> mode{};
    std::snprintf(mode.data(), mode.size(), "%o", status.st_mode);
    std::string text = std::string(mode.data()) + " " + std::to_string(status.st_uid) + ":" +
                       std::to_string(status.st_gid);
    if (times == Times::exact) {
        text += " " + std::to_string(status.st_mtim.tv_sec) + "." +
                std::to_string(status.st_mtim.tv_nsec);
    }
    if (S_ISREG(status.st_mode)) {
        text += " " + std::to_string(status.st_size) + " links " + std::to_string(status.st_nlink) +
                " " + util::sha256(util::read_file(path.string()));
    } else if (S_ISLNK(status.st_mode)) {
        text += " -> " + std::filesystem::read_symlink(path).string();
    }
    return text + attributes_of(path.string());
}

/// Everything below a folder and the folder itself, by path: type, mode, owner, time, size, number
/// of links, digest, attributes.
inline std::map<std::string, std::string> snapshot(const std::filesystem::path& folder,
                                                   Times times = Times::exact) {
    std::map<std::string, std::string> found = {{".", describe_file(folder, times)}};
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const std::string name =
            std::filesystem::relative(entry.path().parent_path(), folder) / entry.path().filename();
        found[name] = describe_file(entry.path(), times);
    }
    return found;
}

} // namespace kiln::tests
