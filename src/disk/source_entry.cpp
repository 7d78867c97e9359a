#include "disk/source_entry.hpp"

#include "disk/sizes.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <functional>
#include <memory>

namespace kiln::disk {
namespace {

[[noreturn]] void throw_unreadable(const std::string& path) {
    util::throw_errno("cannot read '" + path + "'");
}

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

std::vector<std::string> names_in(int folder, const std::string& path) {
    util::Fd copy(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::unique_ptr<DIR, CloseFolder> open(copy.valid() ? ::fdopendir(copy.get()) : nullptr);
    if (!open) {
        throw_unreadable(path);
    }
    copy.release();
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(open.get())) {
        const std::string name = &entry->d_name[0];
        if (name != "." && name != "..") {
            names.push_back(name);
        }
    }
    if (errno != 0) {
        throw_unreadable(path);
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// Calls listxattr or getxattr for the size and then for the bytes.
std::string bytes_of(const std::function<ssize_t(char*, std::size_t)>& get,
                     const std::string& path) {
    const ssize_t size = get(nullptr, 0);
    if (size <= 0) {
        if (size == 0 || errno == ENOTSUP) {
            return "";
        }
        throw_unreadable(path);
    }
    std::string bytes(static_cast<std::size_t>(size), '\0');
    const ssize_t got = get(bytes.data(), bytes.size());
    if (got < 0) {
        throw_unreadable(path);
    }
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
}

template <typename List, typename Get>
Attributes collect(const List& list, const Get& get, const std::string& path) {
    Attributes attributes;
    const std::string names = bytes_of(list, path);
    for (std::size_t at = 0; at < names.size(); at += std::strlen(names.c_str() + at) + 1) {
        const std::string name = names.c_str() + at;
        attributes[name] =
            bytes_of([&](char* out, std::size_t size) { return get(name, out, size); }, path);
    }
    return attributes;
}

} // namespace

std::vector<SourceEntry> list_source(int folder, const std::string& path) {
    std::vector<SourceEntry> entries;
    for (const std::string& name : names_in(folder, path)) {
        SourceEntry entry{.name = name};
        if (::fstatat(folder, name.c_str(), &entry.status, AT_SYMLINK_NOFOLLOW) != 0) {
            throw_unreadable(path + "/" + name);
        }
        if (!S_ISSOCK(entry.status.st_mode)) {
            entries.push_back(entry);
        }
    }
    return entries;
}

std::string read_source_link(int folder, const std::string& name, const std::string& path) {
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlinkat(folder, name.c_str(), target.data(), target.size());
    if (length < 0) {
        throw_unreadable(path);
    }
    return {target.data(), static_cast<std::size_t>(length)};
}

Attributes read_attributes(int file, const std::string& path) {
    return collect([&](char* out, std::size_t size) { return ::flistxattr(file, out, size); },
                   [&](const std::string& name, char* out, std::size_t size) {
                       return ::fgetxattr(file, name.c_str(), out, size);
                   },
                   path);
}

Attributes read_attributes(int folder, const std::string& name, const std::string& path) {
    const std::string place = "/proc/self/fd/" + std::to_string(folder) + "/" + name;
    return collect(
        [&](char* out, std::size_t size) { return ::llistxattr(place.c_str(), out, size); },
        [&](const std::string& key, char* out, std::size_t size) {
            return ::lgetxattr(place.c_str(), key.c_str(), out, size);
        },
        path);
}

Parts data_parts(int file, const struct stat& status, const std::string& path) {
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (static_cast<std::uint64_t>(status.st_blocks) * k_sector >= size) {
        return size == 0 ? std::map<std::uint64_t, std::uint64_t>{}
                         : std::map{std::pair{0UL, size}};
    }
    Parts parts;
    off_t position = 0;
    while (true) {
        const off_t start = ::lseek(file, position, SEEK_DATA);
        if (start < 0 && errno == ENXIO) {
            return parts;
        }
        position = start < 0 ? -1 : ::lseek(file, start, SEEK_HOLE);
        if (position < 0) {
            throw_unreadable(path);
        }
        parts[static_cast<std::uint64_t>(start)] = static_cast<std::uint64_t>(position - start);
    }
}

} // namespace kiln::disk
