#include "util/root_dir.hpp"

#include "util/error.hpp"
#include "util/text.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace kiln::util {
namespace {

int open_in_root(
    int root, const std::string& path, int flags, unsigned mode, unsigned resolve = 0) {
    struct open_how how = {};
    how.flags = static_cast<unsigned>(flags) | static_cast<unsigned>(O_CLOEXEC);
    how.mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? mode : 0;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve;
    int fd = -1;
    do {
        fd = static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof(how)));
    } while (fd < 0 && (errno == EAGAIN || errno == EINTR));
    return fd;
}

bool is_absence(int number) {
    return number == ENOENT || number == ENOTDIR;
}

std::string relative_name(std::string_view path) {
    const std::size_t first = path.find_first_not_of('/');
    return first == std::string_view::npos ? "." : std::string(path.substr(first));
}

std::vector<std::string> names_in(int directory, const std::string& description) {
    // A fresh description: fdopendir takes the descriptor over and moves its offset.
    const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(copy < 0 ? nullptr : ::fdopendir(copy),
                                                     ::closedir);
    if (!stream) {
        throw_errno("cannot list " + description);
    }
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string name = static_cast<const char*>(entry->d_name);
        if (name != "." && name != "..") {
            names.push_back(name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

void clear_directory(int directory, const std::string& description);

void remove_entry(int directory, const std::string& name, const std::string& description) {
    if (::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) {
        return;
    }
    if (errno != EISDIR && errno != EPERM) {
        throw_errno("cannot remove " + description);
    }
    const Fd child(
        ::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!child.valid()) {
        throw_errno("cannot remove " + description);
    }
    clear_directory(child.get(), description);
    if (::unlinkat(directory, name.c_str(), AT_REMOVEDIR) != 0) {
        throw_errno("cannot remove " + description);
    }
}

void clear_directory(int directory, const std::string& description) {
    for (const std::string& name : names_in(directory, description)) {
        remove_entry(directory, name, description);
    }
}

} // namespace

RootDir::RootDir(const std::string& path)
    : path_(path), root_(open_file(path, O_PATH | O_DIRECTORY)) {}

std::string RootDir::describe(std::string_view path) const {
    return "'/" + relative_name(path) + "' in the tree '" + path_ + "'";
}

std::optional<Fd> RootDir::open(std::string_view path, int flags, unsigned mode) const {
    const int fd = open_in_root(root_.get(), relative_name(path), flags, mode);
    if (fd >= 0) {
        return Fd(fd);
    }
    if (is_absence(errno)) {
        return std::nullopt;
    }
    throw_errno("cannot open " + describe(path));
}

std::optional<Fd> RootDir::open_without_links(std::string_view path, int flags) const {
    const int fd = open_in_root(root_.get(), relative_name(path), flags, 0, RESOLVE_NO_SYMLINKS);
    if (fd >= 0) {
        return Fd(fd);
    }
    if (errno == ENOENT) {
        return std::nullopt;
    }
    if (errno == ELOOP) {
        throw Error({.what = describe(path) + " goes through a link"});
    }
    throw_errno("cannot open " + describe(path));
}

std::optional<struct stat> RootDir::status(std::string_view path) const {
    const std::optional<Fd> fd = open(path, O_PATH | O_NOFOLLOW);
    struct stat result = {};
    if (!fd || ::fstat(fd->get(), &result) != 0) {
        return std::nullopt;
    }
    return result;
}

std::optional<struct stat> RootDir::target_status(std::string_view path) const {
    const int fd = open_in_root(root_.get(), relative_name(path), O_PATH, 0);
    const Fd guard(fd);
    struct stat result = {};
    if (fd < 0 || ::fstat(fd, &result) != 0) {
        return std::nullopt;
    }
    return result;
}

bool RootDir::exists(std::string_view path) const {
    return target_status(path).has_value();
}

std::optional<std::string> RootDir::read(std::string_view path) const {
    const std::optional<Fd> fd = open(path, O_RDONLY | O_NONBLOCK);
    if (!fd) {
        return std::nullopt;
    }
    struct stat info = {};
    if (::fstat(fd->get(), &info) != 0 || !S_ISREG(info.st_mode)) {
        throw Error({.what = describe(path) + " is no regular file"});
    }
    return read_all(fd->get(), describe(path));
}

std::optional<RootDir::Parent> RootDir::parent_of(std::string_view path) const {
    const std::string whole = relative_name(path);
    const std::size_t slash = whole.find_last_of('/');
    const std::string folder = slash == std::string::npos ? "." : whole.substr(0, slash);
    const std::string name = slash == std::string::npos ? whole : whole.substr(slash + 1);
    if (name.empty() || name == "." || name == "..") {
        throw Error({.what = describe(path) + " does not name an entry"});
    }
    std::optional<Fd> directory = open(folder, O_RDONLY | O_DIRECTORY);
    if (!directory) {
        return std::nullopt;
    }
    return Parent{.directory = std::move(*directory), .name = name};
}

void RootDir::write(std::string_view path, std::string_view content, unsigned mode) const {
    const std::string whole = relative_name(path);
    if (const std::size_t slash = whole.find_last_of('/'); slash != std::string::npos) {
        make_directories(whole.substr(0, slash));
    }
    const std::optional<Parent> parent = parent_of(whole);
    if (!parent) {
        throw Error({.what = "cannot write " + describe(path) + ": a folder above is missing"});
    }
    const int directory = parent->directory.get();
    const std::string draft = "." + parent->name + ".kiln-draft";
    ::unlinkat(directory, draft.c_str(), 0);
    const Fd fd(::openat(
        directory, draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!fd.valid()) {
        throw_errno("cannot write " + describe(path));
    }
    try {
        write_all(fd.get(), content, describe(path));
        if (::fchmod(fd.get(), mode) != 0 ||
            ::renameat(directory, draft.c_str(), directory, parent->name.c_str()) != 0) {
            throw_errno("cannot write " + describe(path));
        }
    } catch (...) {
        ::unlinkat(directory, draft.c_str(), 0);
        throw;
    }
}

void RootDir::make_directories(std::string_view path, unsigned mode) const {
    std::string done;
    for (const std::string& part : split(relative_name(path), '/')) {
        if (part.empty() || part == ".") {
            continue;
        }
        std::string next = done;
        next.append(done.empty() ? "" : "/").append(part);
        if (!exists(next)) {
            const std::optional<Parent> parent = parent_of(next);
            if (!parent || ::mkdirat(parent->directory.get(), part.c_str(), mode) != 0) {
                throw_errno("cannot make the folder " + describe(next));
            }
        }
        done = next;
    }
}

std::vector<std::string> RootDir::list(std::string_view path) const {
    const std::optional<struct stat> info = target_status(path);
    if (!info || !S_ISDIR(info->st_mode)) {
        return {};
    }
    const std::optional<Fd> directory = open(path, O_RDONLY | O_DIRECTORY);
    return directory ? names_in(directory->get(), describe(path)) : std::vector<std::string>{};
}

void RootDir::remove(std::string_view path) const {
    if (const std::optional<Parent> parent = parent_of(path)) {
        remove_entry(parent->directory.get(), parent->name, describe(path));
    }
}

void RootDir::clear(std::string_view path) const {
    if (const std::optional<Fd> directory = open(path, O_RDONLY | O_DIRECTORY)) {
        clear_directory(directory->get(), describe(path));
    }
}

} // namespace kiln::util
