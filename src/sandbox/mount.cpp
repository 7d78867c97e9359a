#include "sandbox/mount.hpp"

#include "util/error.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>

namespace kiln::sandbox {
namespace {

[[noreturn]] void fail(const std::string& what) {
    util::throw_errno({.what = what,
                       .hint = "can this user make mounts in a user namespace? try: "
                               "unshare --user --map-root-user --mount true",
                       .code = util::ExitCode::tool});
}

/// A copy of the mounts at source that is not attached anywhere yet.
util::Fd clone_mounts(const std::string& source) {
    // What an automounter has not mounted yet stays so: nobody would answer in here.
    const unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_NO_AUTOMOUNT;
    util::Fd tree(::open_tree(AT_FDCWD, source.c_str(), flags));
    if (!tree.valid()) {
        fail("cannot bind '" + source + "'");
    }
    return tree;
}

void make_read_only(const util::Fd& tree, const std::string& source) {
    mount_attr attributes = {};
    attributes.attr_set = MOUNT_ATTR_RDONLY;
    if (::mount_setattr(
            tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof(attributes)) != 0) {
        fail("cannot bind '" + source + "' read-only");
    }
}

} // namespace

void mount_new(const std::string& type, const std::string& target, const std::string& options) {
    if (::mount(type.c_str(), target.c_str(), type.c_str(), MS_NOSUID, options.c_str()) != 0) {
        fail("cannot mount " + type + " on '" + target + "'");
    }
}

void bind(const std::string& source, const std::string& target, Access access) {
    const util::Fd tree = clone_mounts(source);
    if (access == Access::read_only) {
        make_read_only(tree, source);
    }
    // The target may be a descriptor's path in /proc, which is a link.
    const unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS;
    if (::move_mount(tree.get(), "", AT_FDCWD, target.c_str(), flags) != 0) {
        fail("cannot bind '" + source + "' to '" + target + "'");
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
