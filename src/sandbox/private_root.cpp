#include "sandbox/private_root.hpp"

#include "sandbox/mount.hpp"
#include "util/error.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>

namespace kiln::sandbox {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what) {
    util::throw_errno({.what = what, .code = util::ExitCode::tool});
}

void take_over(const fs::directory_entry& entry, const fs::path& target) {
    if (entry.is_symlink()) {
        fs::create_symlink(fs::read_symlink(entry.path()), target);
    } else if (entry.is_directory()) {
        fs::create_directory(target);
        bind(entry.path(), target, Access::read_write);
    } else if (entry.is_regular_file()) {
        util::open_file(target, O_WRONLY | O_CREAT);
        bind(entry.path(), target, Access::read_write);
    }
}

void take_over_host(const fs::path& root) {
    for (const fs::directory_entry& entry : fs::directory_iterator("/")) {
        const std::string name = entry.path().filename();
        if (name != "proc" && name != "sys" && name != "lost+found") {
            take_over(entry, root / name);
        }
    }
    fs::create_directory(root / "proc");
    fs::create_directory(root / "sys");
    mount_proc(root / "proc");
    bind("/sys", root / "sys", Access::read_only);
}

void switch_root(const fs::path& root) {
    // pivot_root(2) with both paths equal stacks the old root on the new one; then it is dropped.
    if (::chdir(root.c_str()) != 0 || ::syscall(SYS_pivot_root, ".", ".") != 0 ||
        ::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0) {
        fail("cannot change to the root of the sandbox");
    }
}

} // namespace

void enter_private_root(const std::string& scratch,
                        const std::string& build_directory,
                        const std::string& inner) {
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        fail("cannot make the mounts private");
    }
    mount_new("tmpfs", scratch, "mode=755,size=1m");
    const fs::path root = scratch;
    take_over_host(root);
    fs::create_directories(root.string() + inner);
    bind(build_directory, root.string() + inner, Access::read_write);
    switch_root(root);
}

} // namespace kiln::sandbox
