#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kiln::disk {

/// A name in a folder that is read, and what lstat says of it.
struct SourceEntry {
    std::string name;

    struct stat status {};
};

/// Extended attributes: name and value.
using Attributes = std::map<std::string, std::string>;

/// Parts of a file: where each begins, and its length; in order.
using Parts = std::map<std::uint64_t, std::uint64_t>;

/// The entries of an open folder, sorted, without . and .. and sockets. path is for errors.
std::vector<SourceEntry> list_source(int folder, const std::string& path);

/// Target of the symbolic link in an open folder.
std::string read_source_link(int folder, const std::string& name, const std::string& path);

/// Those of an open file or folder; none where the filesystem has no such thing.
Attributes read_attributes(int file, const std::string& path);

/// The same of a link or a device, which are not opened.
Attributes read_attributes(int folder, const std::string& name, const std::string& path);

/// Parts of an open file that are no holes, in bytes. Only a file that takes less room than it is
/// long is searched for holes.
Parts data_parts(int file, const struct stat& status, const std::string& path);

} // namespace kiln::disk
