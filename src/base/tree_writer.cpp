#include "base/tree_writer.hpp"

#include "base/tree_metadata.hpp"
#include "disk/raw_file.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <utility>

namespace kiln::base {
namespace {

using util::EntryType;
using util::TreeEntry;

[[noreturn]] void refuse_entry(const std::string& path, const std::string& why) {
    throw util::Error({.what = "the entry '" + path + "' of the image is refused: " + why});
}

bool is_below(const std::string& path, std::string_view folder) {
    return path == folder ||
           (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash);
}

} // namespace

std::string clean_entry_path(const std::string& path) {
    if (path.empty() || path.front() == '/') {
        refuse_entry(path, "its path is absolute");
    }
    if (path.size() >= PATH_MAX || path.find('\0') != std::string::npos) {
        refuse_entry(path.substr(0, NAME_MAX), "its path is too long or damaged");
    }
    std::string clean;
    for (const std::string& part : util::split(path, '/')) {
        if (part == "..") {
            refuse_entry(path, "its path has '..'");
        }
        if (part.size() > NAME_MAX) {
            refuse_entry(path, "its name is too long");
        }
        if (!part.empty() && part != ".") {
            clean.append(clean.empty() ? "" : "/").append(part);
        }
    }
    return clean;
}

bool keeps_attribute(const std::string& name) {
    return (name.starts_with("user.") && !name.starts_with("user.overlay.")) ||
           name == "security.capability" || name == "system.posix_acl_access" ||
           name == "system.posix_acl_default";
}

TreeWriter::TreeWriter(const std::string& target, const UnpackLimits& limits)
    : root_(target), limits_(limits) {}

void TreeWriter::add(const TreeEntry& given) {
    end_file();
    TreeEntry entry = given;
    entry.path = clean_entry_path(given.path);
    count(entry);
    if (entry.path.empty()) {
        if (entry.type != EntryType::directory) {
            refuse_entry(given.path, "the root is no directory");
        }
        folders_.insert_or_assign("", std::move(entry));
        return;
    }
    const bool device = entry.type == EntryType::device;
    if (device && !is_below(entry.path, "dev")) {
        refuse_entry(entry.path, "it is a device");
    }
    if (device || entry.type == EntryType::socket || is_below(entry.path, "lost+found")) {
        return;
    }
    make(entry, place_of(entry.path));
}

void TreeWriter::count(const TreeEntry& entry) {
    ++entries_;
    if (entries_ > limits_.entries) {
        throw util::Error({.what = "the image has more than " + std::to_string(limits_.entries) +
                                   " files and folders"});
    }
    const std::uint64_t size = entry.type == EntryType::regular ? entry.size : 0;
    if (size > limits_.bytes - bytes_) {
        throw util::Error({.what = "the files of the image are larger than " +
                                   util::human_bytes(limits_.bytes) + " together"});
    }
    bytes_ += size;
}

TreeWriter::Place TreeWriter::place_of(const std::string& path) {
    const std::string folder = folder_of(path);
    const std::string name = folder.empty() ? path : path.substr(folder.size() + 1);
    if (!parent_.valid() || folder != parent_path_) {
        std::optional<util::Fd> fd = root_.open_without_links(folder, O_RDONLY | O_DIRECTORY);
        if (!fd) {
            make_parents(folder);
            fd = root_.open_without_links(folder, O_RDONLY | O_DIRECTORY);
        }
        parent_ = std::move(fd.value());
        parent_path_ = folder;
    }
    return {.folder = parent_.get(), .name = name};
}

void TreeWriter::make_parents(const std::string& folder) {
    std::string done;
    for (const std::string& part : util::split(folder, '/')) {
        const std::string next = done.empty() ? part : done + "/" + part;
        if (!root_.open_without_links(next, O_PATH)) {
            const auto above = root_.open_without_links(done, O_RDONLY | O_DIRECTORY);
            if (::mkdirat(above.value().get(), part.c_str(), 0755) != 0) {
                util::throw_errno("cannot make the folder '" + next + "'");
            }
        }
        done = next;
    }
}

void TreeWriter::make(const TreeEntry& entry, const Place& place) {
    if (entry.type == EntryType::directory) {
        make_folder(entry, place);
        return;
    }
    // An archive may bring a file twice; the last one holds, and it must not be written through.
    if (::unlinkat(place.folder, place.name.c_str(), 0) != 0 && errno != ENOENT) {
        refuse_entry(entry.path, "a folder is there already");
    }
    switch (entry.type) {
    case EntryType::regular:
        return make_regular(entry, place);
    case EntryType::symlink:
        return make_symlink(entry, place);
    case EntryType::hard_link:
        return make_hard_link(entry, place);
    default:
        return make_fifo(entry, place);
    }
}

void TreeWriter::make_folder(const TreeEntry& entry, const Place& place) {
    struct stat status {};

    const char* name = place.name.c_str();
    const bool there = ::fstatat(place.folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (there && !S_ISDIR(status.st_mode) && ::unlinkat(place.folder, name, 0) != 0) {
        util::throw_errno("cannot replace '" + entry.path + "'");
    }
    if ((!there || !S_ISDIR(status.st_mode)) && ::mkdirat(place.folder, name, 0700) != 0) {
        util::throw_errno("cannot make the folder '" + entry.path + "'");
    }
    folders_.insert_or_assign(entry.path, entry);
}

void TreeWriter::make_regular(const TreeEntry& entry, const Place& place) {
    util::Fd file(::openat(place.folder,
                           place.name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                           0600));
    if (!file.valid()) {
        disk::throw_write_error(entry.path);
    }
    open_file_.emplace(std::move(file), entry.path, entry.size);
    open_entry_ = entry;
}

void TreeWriter::make_symlink(const TreeEntry& entry, const Place& place) const {
    if (entry.target.empty() || entry.target.size() >= PATH_MAX) {
        refuse_entry(entry.path, "it is a damaged link");
    }
    if (::symlinkat(entry.target.c_str(), place.folder, place.name.c_str()) != 0) {
        disk::throw_write_error(entry.path);
    }
    apply_metadata_at(place.folder, place.name, entry);
}

void TreeWriter::make_hard_link(const TreeEntry& entry, const Place& place) const {
    const std::string target = clean_entry_path(entry.target);
    const std::string folder = folder_of(target);
    const auto from = root_.open_without_links(folder, O_RDONLY | O_DIRECTORY);
    const std::string name = target.substr(folder.empty() ? 0 : folder.size() + 1);

    struct stat status {};

    if (target.empty() || !from ||
        ::fstatat(from->get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        S_ISDIR(status.st_mode)) {
        refuse_entry(entry.path,
                     "it is a hard link to '" + entry.target + "', which is no file there");
    }
    if (::linkat(from->get(), name.c_str(), place.folder, place.name.c_str(), 0) != 0) {
        util::throw_errno("cannot link '" + entry.path + "' to '" + target + "'");
    }
}

void TreeWriter::make_fifo(const TreeEntry& entry, const Place& place) const {
    if (::mkfifoat(place.folder, place.name.c_str(), 0600) != 0) {
        util::throw_errno("cannot make the FIFO '" + entry.path + "'");
    }
    apply_metadata_at(place.folder, place.name, entry);
}

void TreeWriter::data(std::uint64_t offset, std::string_view bytes) {
    if (open_file_) {
        open_file_->write(offset, bytes);
    }
}

void TreeWriter::end_file() {
    if (open_file_) {
        open_file_->finish();
        apply_metadata(open_file_->fd(), open_entry_);
        open_file_.reset();
    }
}

void TreeWriter::finish() {
    end_file();
    parent_.reset();
    // From the leaves up: a folder's own mode may close it.
    for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) {
        const auto fd = root_.open_without_links(folder->first, O_RDONLY | O_DIRECTORY);
        apply_metadata(fd.value().get(), folder->second);
    }
    folders_.clear();
}

} // namespace kiln::base
