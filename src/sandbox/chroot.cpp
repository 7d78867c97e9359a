#include "sandbox/chroot.hpp"

#include "sandbox/mount.hpp"
#include "util/error.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>

namespace kiln::sandbox {
namespace {

namespace fs = std::filesystem;
using util::Fd;
using util::RootDir;

constexpr std::array<const char*, 6> k_device_nodes = {
    "null", "zero", "full", "random", "urandom", "tty"};

constexpr std::array<std::pair<const char*, const char*>, 5> k_device_links = {{
    {"fd", "/proc/self/fd"},
    {"stdin", "/proc/self/fd/0"},
    {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"},
    {"ptmx", "pts/ptmx"},
}};

/// Nodes cannot be made in a user namespace: those of the host are bound.
void mount_dev(const RootDir& tree) {
    const Fd place = mount_point(tree, "dev");
    mount_new("tmpfs", descriptor_path(place), "mode=755,size=1m");
    const Fd mounted = mount_point(tree, "dev");
    const fs::path dev = descriptor_path(mounted);
    for (const char* name : k_device_nodes) {
        if (::access((std::string("/dev/") + name).c_str(), F_OK) != 0) {
            continue;
        }
        util::open_file(dev / name, O_WRONLY | O_CREAT);
        bind(std::string("/dev/") + name, dev / name, Access::read_write);
    }
    for (const auto& [name, target] : k_device_links) {
        fs::create_symlink(target, dev / name);
    }
    fs::create_directory(dev / "pts");
    mount_new("devpts", dev / "pts", "newinstance,ptmxmode=0666,mode=0620");
    fs::create_directory(dev / "shm");
    mount_new("tmpfs", dev / "shm", "mode=1777");
}

void bind_file(const RootDir& tree, const std::string& source, const std::string& target) {
    if (const std::optional<Fd> place = tree.open(target, O_PATH)) {
        bind(source, descriptor_path(*place), Access::read_write);
    }
}

void change_root(const RootDir& tree) {
    // Opened anew: the descriptor of the tree was made before the mounts.
    if (::fchdir(tree.fd()) != 0 || ::chroot(".") != 0 || ::chdir("/") != 0) {
        util::throw_errno({.what = "cannot enter the tree", .code = util::ExitCode::tool});
    }
}

std::string link_target(const RootDir& tree, const std::string& path) {
    const std::optional<Fd> link = tree.open(path, O_PATH | O_NOFOLLOW);
    std::array<char, PATH_MAX> target{};
    const ssize_t length =
        link ? ::readlinkat(link->get(), "", target.data(), target.size() - 1) : -1;
    return length > 0 ? std::string(target.data(), static_cast<std::size_t>(length)) : "";
}

} // namespace

ResolvConfPlace::ResolvConfPlace(const RootDir& tree) : path_("etc/resolv.conf") {
    if (tree.exists(path_)) {
        return;
    }
    const std::string target = link_target(tree, path_);
    if (!target.empty()) {
        path_ = (fs::path("/etc") / target).lexically_normal().string();
    }
    tree.write(path_, "");
    made_ = true;
}

void ResolvConfPlace::remove_if_ours(const RootDir& tree) const {
    const std::optional<struct stat> info = tree.status(path_);
    if (made_ && info && S_ISREG(info->st_mode) && info->st_size == 0) {
        tree.remove(path_);
    }
}

void mount_kernel_files(const RootDir& tree, KernelFiles which) {
    const auto has_folder = [&](const char* path) {
        const std::optional<struct stat> info = tree.status(path);
        return info && S_ISDIR(info->st_mode);
    };
    if (has_folder("dev")) {
        mount_dev(tree);
    }
    if (which == KernelFiles::dev_proc_sys && has_folder("proc") && has_folder("sys")) {
        mount_proc(descriptor_path(mount_point(tree, "proc")));
        bind("/sys", descriptor_path(mount_point(tree, "sys")), Access::read_only);
    }
}

void enter_chroot(const ChrootPlan& plan) {
    const RootDir tree(plan.root);
    if (!tree.exists("tmp")) {
        tree.remove("tmp");
        tree.make_directories("tmp");
        ::fchmodat(tree.fd(), "tmp", 01777, 0);
    }
    mount_proc(descriptor_path(mount_point(tree, "proc")));
    bind("/sys", descriptor_path(mount_point(tree, "sys")), Access::read_only);
    mount_dev(tree);
    const Fd hooks = mount_point(tree, k_hooks_in_target);
    bind(plan.hooks, descriptor_path(hooks), Access::read_only);
    if (!plan.resolv_conf.empty()) {
        bind_file(tree, plan.resolv_conf, "etc/resolv.conf");
    }
    for (const Shim& shim : plan.shims) {
        bind_file(tree, shim.source, shim.target);
    }
    change_root(tree);
}

} // namespace kiln::sandbox
