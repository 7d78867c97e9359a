#pragma once

#include "archive/acl_attribute.hpp"

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace kiln::archive {

/// A part of a file, in bytes.
struct Range {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// All that a tar can say of a file.
struct TarEntry {
    std::string path;

    /// Of the status: type, mode, owner, size, and time of change count.
    struct stat status {};

    /// Target of a symbolic link.
    std::string target{};
    /// Path of the entry that this one is a further name of; it has no content then.
    std::string hard_link{};
    /// Extended attributes, in order.
    std::vector<std::pair<std::string, std::string>> attributes{};
    std::vector<AclEntry> access{};
    std::vector<AclEntry> defaults{};
    /// What of a file is no hole; empty: all of it. One range of no bytes: nothing of it.
    std::vector<Range> data{};
};

/// A regular file of root with a mode of 0644, as the tars of containers have.
TarEntry plain_file(const std::string& path, std::uint64_t size, std::int64_t time);

} // namespace kiln::archive
