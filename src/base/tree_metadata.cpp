#include "base/tree_metadata.hpp"

#include "base/tree_writer.hpp"
#include "util/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

namespace kiln::base {
namespace {

using util::TreeEntry;

[[noreturn]] void fail(const TreeEntry& entry, const std::string& what) {
    util::throw_errno("cannot " + what + " of '" + entry.path + "'");
}

[[noreturn]] void fail_owner(const TreeEntry& entry) {
    if (errno != EINVAL && errno != EPERM) {
        fail(entry, "set the owner");
    }
    util::throw_errno({.what = "cannot set the owner of '" + entry.path + "' to " +
                               std::to_string(entry.user) + ":" + std::to_string(entry.group),
                       .hint = "is the id beyond your subordinate ids? give yourself more in "
                               "/etc/subuid and /etc/subgid, or build as root"});
}

[[noreturn]] void fail_attribute(const TreeEntry& entry, const std::string& name) {
    if (errno != ENOTSUP) {
        fail(entry, "set the attribute '" + name + "'");
    }
    util::throw_errno({.what = "cannot set the attribute '" + name + "' of '" + entry.path + "'",
                       .hint = "the filesystem there has no such attributes; choose a folder on "
                               "ext4, xfs or btrfs"});
}

/// The id that is "no change" for chown is never a real one.
void check_ids(const TreeEntry& entry) {
    constexpr std::uint64_t k_last_id = 0xfffffffe;
    if (entry.user > k_last_id || entry.group > k_last_id) {
        throw util::Error({.what = "'" + entry.path + "' has an impossible owner"});
    }
}

std::array<timespec, 2> times_of(const TreeEntry& entry) {
    const timespec modified = {.tv_sec = static_cast<time_t>(entry.modified.seconds),
                               .tv_nsec = static_cast<long>(entry.modified.nanoseconds)};
    return {modified, modified};
}

} // namespace

void apply_metadata(int fd, const TreeEntry& entry) {
    check_ids(entry);
    if (::fchown(fd, static_cast<uid_t>(entry.user), static_cast<gid_t>(entry.group)) != 0) {
        fail_owner(entry);
    }
    if (::fchmod(fd, entry.mode & 07777U) != 0) {
        fail(entry, "set the mode");
    }
    for (const auto& [name, value] : entry.attributes) {
        if (keeps_attribute(name) &&
            ::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) != 0) {
            fail_attribute(entry, name);
        }
    }
    if (::futimens(fd, times_of(entry).data()) != 0) {
        fail(entry, "set the times");
    }
}

void apply_metadata_at(int folder, const std::string& name, const TreeEntry& entry) {
    check_ids(entry);
    if (::fchownat(folder,
                   name.c_str(),
                   static_cast<uid_t>(entry.user),
                   static_cast<gid_t>(entry.group),
                   AT_SYMLINK_NOFOLLOW) != 0) {
        fail_owner(entry);
    }
    if (entry.type == util::EntryType::fifo &&
        ::fchmodat(folder, name.c_str(), entry.mode & 07777U, 0) != 0) {
        fail(entry, "set the mode");
    }
    if (::utimensat(folder, name.c_str(), times_of(entry).data(), AT_SYMLINK_NOFOLLOW) != 0) {
        fail(entry, "set the times");
    }
}

} // namespace kiln::base
