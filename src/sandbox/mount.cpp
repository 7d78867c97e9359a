#include "sandbox/mount.hpp"

#include "util/error.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

// <linux/mount.h> and <sys/mount.h> of Debian 12 cannot be included together.
#ifndef MOUNT_ATTR_RDONLY
#define MOUNT_ATTR_RDONLY 0x00000001

struct mount_attr {
    unsigned long long attr_set;
    unsigned long long attr_clr;
    unsigned long long propagation;
    unsigned long long userns_fd;
};
#endif

namespace kiln::sandbox {
namespace {

[[noreturn]] void fail(const std::string& what) {
    util::throw_errno({.what = what,
                       .hint = "can this user make mounts in a user namespace? try: "
                               "unshare --user --map-root-user --mount true",
                       .code = util::ExitCode::tool});
}

void make_read_only(const std::string& target) {
    struct mount_attr attributes = {};
    attributes.attr_set = MOUNT_ATTR_RDONLY;
    if (::syscall(SYS_mount_setattr,
                  AT_FDCWD,
                  target.c_str(),
                  AT_RECURSIVE,
                  &attributes,
                  sizeof(attributes)) != 0) {
        fail("cannot make '" + target + "' read-only");
    }
}

} // namespace

void mount_new(const std::string& type, const std::string& target, const std::string& options) {
    if (::mount(type.c_str(), target.c_str(), type.c_str(), MS_NOSUID, options.c_str()) != 0) {
        fail("cannot mount " + type + " on '" + target + "'");
    }
}

void bind(const std::string& source, const std::string& target, Access access) {
    if (::mount(source.c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) {
        fail("cannot bind '" + source + "' to '" + target + "'");
    }
    if (access == Access::read_only) {
        make_read_only(target);
    }
}

void unmount(const std::string& target) noexcept {
    ::umount2(target.c_str(), MNT_DETACH);
}

std::string descriptor_path(const util::Fd& fd) {
    return "/proc/self/fd/" + std::to_string(fd.get());
}

util::Fd mount_point(const util::RootDir& tree, const std::string& path) {
    const std::optional<struct stat> info = tree.status(path);
    if (!info || !S_ISDIR(info->st_mode)) {
        tree.remove(path);
        tree.make_directories(path);
    }
    std::optional<util::Fd> fd = tree.open(path, O_PATH | O_NOFOLLOW);
    if (!fd) {
        throw util::Error({.what = "cannot open '" + path + "' in the tree"});
    }
    return std::move(*fd);
}

void mount_proc(const std::string& target) {
    const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (::mount("proc", target.c_str(), "proc", flags, nullptr) != 0) {
        bind("/proc", target, Access::read_write);
    }
}

} // namespace kiln::sandbox
