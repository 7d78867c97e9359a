#include "inspect/folder_reader.hpp"

#include "archive/acl_attribute.hpp"
#include "archive/attributes.hpp"
#include "util/error.hpp"
#include "util/root_dir.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::inspect {
namespace {

using util::EntryType;
using util::TreeEntry;

constexpr std::size_t k_read_size = std::size_t{1024} * 1024;

EntryType type_of(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFREG:
        return EntryType::regular;
    case S_IFDIR:
        return EntryType::directory;
    case S_IFLNK:
        return EntryType::symlink;
    case S_IFIFO:
        return EntryType::fifo;
    case S_IFSOCK:
        return EntryType::socket;
    default:
        return EntryType::device;
    }
}

std::string device_text(const struct stat& status) {
    return std::string(S_ISBLK(status.st_mode) ? "b " : "c ") +
           std::to_string(major(status.st_rdev)) + ":" + std::to_string(minor(status.st_rdev));
}

std::string link_text(int fd, const std::string& name) {
    std::array<char, PATH_MAX> text{};
    const ssize_t length = ::readlinkat(fd, "", text.data(), text.size());
    if (length < 0) {
        util::throw_errno("cannot read the link '" + name + "'");
    }
    return {text.data(), static_cast<std::size_t>(length)};
}

std::vector<util::ExtendedAttribute> attributes_of(int fd, const std::string& name) {
    archive::TarEntry found;
    archive::read_attributes(fd, name, found);
    std::vector<util::ExtendedAttribute> attributes;
    for (const auto& [key, value] : found.attributes) {
        attributes.push_back({.name = key, .value = value});
    }
    if (!found.access.empty()) {
        attributes.push_back(
            {.name = "system.posix_acl_access", .value = archive::acl_attribute(found.access)});
    }
    if (!found.defaults.empty()) {
        attributes.push_back(
            {.name = "system.posix_acl_default", .value = archive::acl_attribute(found.defaults)});
    }
    return attributes;
}

class Walk {
public:
    Walk(const std::string& folder, util::TreeSink& sink) : root_(folder), sink_(sink) {}

    void run() {
        const auto status = root_.status("");
        device_ = status->st_dev;
        visit("", *status);
        sink_.finish();
    }

private:
    void visit(const std::string& path, const struct stat& status) {
        TreeEntry entry{.path = path.empty() ? "." : path, .type = type_of(status.st_mode)};
        entry.mode = status.st_mode & 07777U;
        entry.user = status.st_uid;
        entry.group = status.st_gid;
        entry.modified = {.seconds = status.st_mtim.tv_sec, .nanoseconds = status.st_mtim.tv_nsec};
        if (linked_before(status, entry)) {
            sink_.add(entry);
            return;
        }
        const util::Fd place = open(path, O_PATH | O_NOFOLLOW);
        entry.attributes = attributes_of(place.get(), describe(path));
        entry.size =
            entry.type == EntryType::regular ? static_cast<std::uint64_t>(status.st_size) : 0;
        if (entry.type == EntryType::symlink) {
            entry.target = link_text(place.get(), describe(path));
        } else if (entry.type == EntryType::device) {
            entry.target = device_text(status);
        }
        sink_.add(entry);
        if (entry.type == EntryType::regular) {
            send_data(path, entry.size);
        } else if (entry.type == EntryType::directory && status.st_dev == device_) {
            enter(path);
        }
    }

    void enter(const std::string& path) {
        for (const std::string& name : root_.list(path)) {
            const std::string child = path.empty() ? name : util::child_path(path, name);
            if (const auto status = root_.status(child)) {
                visit(child, *status);
            }
        }
    }

    bool linked_before(const struct stat& status, TreeEntry& entry) {
        if (entry.type == EntryType::directory || status.st_nlink < 2) {
            return false;
        }
        const auto [known, added] =
            first_names_.try_emplace({status.st_dev, status.st_ino}, entry.path);
        if (!added) {
            entry.type = EntryType::hard_link;
            entry.target = known->second;
        }
        return !added;
    }

    /// A file that changes meanwhile is read up to the size that it had.
    void send_data(const std::string& path, std::uint64_t size) {
        const util::Fd file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        std::string buffer(k_read_size, '\0');
        std::uint64_t done = 0;
        while (done < size) {
            const ssize_t count =
                ::pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(done));
            if (count < 0 && errno == EINTR) {
                continue;
            }
            if (count == 0) {
                throw util::Error({.what = "'" + describe(path) + "' was changed meanwhile"});
            }
            if (count < 0) {
                util::throw_errno("cannot read '" + describe(path) + "'");
            }
            const auto part =
                std::min<std::uint64_t>(static_cast<std::uint64_t>(count), size - done);
            sink_.data(done, std::string_view(buffer).substr(0, static_cast<std::size_t>(part)));
            done += part;
        }
    }

    [[nodiscard]] util::Fd open(const std::string& path, int flags) const {
        std::optional<util::Fd> fd = root_.open(path.empty() ? "." : path, flags);
        if (!fd) {
            throw util::Error({.what = "'" + describe(path) + "' has gone while it was read"});
        }
        return std::move(*fd);
    }

    [[nodiscard]] std::string describe(const std::string& path) const {
        return path.empty() ? root_.path() : util::child_path(root_.path(), path);
    }

    util::RootDir root_;
    util::TreeSink& sink_;
    dev_t device_ = 0;
    std::map<std::pair<dev_t, ino_t>, std::string> first_names_;
};

} // namespace

void read_folder(const std::string& folder, util::TreeSink& sink) {
    Walk(folder, sink).run();
}

} // namespace kiln::inspect
