#include "sandbox/private_root.hpp"

#include "sandbox/mount.hpp"
#include "util/error.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <set>

namespace kiln::sandbox {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

[[noreturn]] void fail_root(const std::string& what) {
    util::throw_errno({.what = what, .code = util::ExitCode::tool});
}

/// What is neither, or cannot be looked at (a mount whose server has gone), is left out.
void take_over(const fs::directory_entry& entry, const fs::path& target) {
    std::error_code ignored;
    if (entry.is_symlink(ignored)) {
        fs::create_symlink(fs::read_symlink(entry.path()), target);
    } else if (entry.is_directory(ignored)) {
        fs::create_directory(target);
        bind(entry.path(), target, Access::read_write);
    } else if (entry.is_regular_file(ignored)) {
        util::open_file(target, O_WRONLY | O_CREAT);
        bind(entry.path(), target, Access::read_write);
    }
}

void take_over_entries(const fs::path& from, const fs::path& to, const Names& left_out) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(from, ignored)) {
        const std::string name = entry.path().filename();
        if (left_out.count(name) == 0) {
            take_over(entry, to / name);
        }
    }
}

/// A folder of the host where inner shall be keeps what is beside inner.
void take_over_host(const fs::path& root, const fs::path& inner) {
    const fs::path folder = inner.parent_path();
    take_over_entries("/", root, {"proc", "sys", "lost+found", folder.filename()});
    fs::create_directories(root / inner.relative_path());
    take_over_entries(folder, root / folder.relative_path(), {inner.filename()});
    fs::create_directory(root / "proc");
    fs::create_directory(root / "sys");
    mount_proc(root / "proc");
    bind("/sys", root / "sys", Access::read_only);
}

void switch_root(const fs::path& root) {
    // pivot_root(2) with both paths equal stacks the old root on the new one; then it is dropped.
    if (::chdir(root.c_str()) != 0 || ::syscall(SYS_pivot_root, ".", ".") != 0 ||
        ::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0) {
        fail_root("cannot change to the root of the sandbox");
    }
}

} // namespace

void enter_private_root(const std::string& scratch,
                        const std::string& build_directory,
                        const std::string& inner) {
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        fail_root("cannot make the mounts private");
    }
    mount_new("tmpfs", scratch, "mode=755,size=1m");
    const fs::path root = scratch;
    take_over_host(root, inner);
    bind(build_directory, root.string() + inner, Access::read_write);
    switch_root(root);
}

} // namespace kiln::sandbox
