#include "sandbox/layer_stack.hpp"

#include "process/posix_runner.hpp"
#include "sandbox/mount.hpp"
#include "util/error.hpp"
#include "util/root_dir.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace kiln::sandbox {
namespace {

namespace fs = std::filesystem;

/// mount(2) takes one page of options, and the kernel 500 layers; names of up to four digits fit.
constexpr std::size_t k_most_layers = 100;

/// An overlay without an upper layer needs two lower ones.
constexpr const char* k_second_empty = "none";

constexpr const char* k_work = "work";
constexpr const char* k_root = "/root";

struct stat status_of(const std::string& path) {
    struct stat info = {};
    if (::stat(path.c_str(), &info) != 0) {
        util::throw_errno("cannot look at '" + path + "'");
    }
    return info;
}

/// The merged root shows the attributes of the uppermost layer's root.
void copy_attributes(const std::string& from, const std::string& to) {
    const struct stat info = status_of(from);
    const struct timespec times[2] = {info.st_atim, info.st_mtim}; // NOLINT(*-avoid-c-arrays)
    if (::chown(to.c_str(), info.st_uid, info.st_gid) != 0 ||
        ::chmod(to.c_str(), info.st_mode & 07777) != 0 ||
        ::utimensat(AT_FDCWD, to.c_str(), times, 0) != 0) {
        util::throw_errno("cannot prepare the layer '" + to + "'");
    }
}

bool same_attributes(const std::string& left, const std::string& right) {
    const struct stat one = status_of(left);
    const struct stat other = status_of(right);
    return one.st_mode == other.st_mode && one.st_uid == other.st_uid && one.st_gid == other.st_gid;
}

void make_directory(const std::string& path) {
    if (::mkdir(path.c_str(), 0755) != 0) {
        util::throw_errno("cannot make the folder '" + path + "'");
    }
}

[[noreturn]] void fail_overlay(const std::string& folder) {
    util::throw_errno({.what = "cannot mount an overlay with its layers in '" + folder + "'",
                       .hint = "the cache folder must not lie on overlayfs, NFS or an old tmpfs: "
                               "choose another with --image-cache (with --no-cache: --work-dir)",
                       .code = util::ExitCode::tool});
}

} // namespace

std::string overlay_options(const LayerNames& lower, const std::string& upper) {
    LayerNames top_first(lower.rbegin(), lower.rend());
    std::string options = "userxattr,redirect_dir=nofollow,index=off,metacopy=off,xino=off,"
                          "lowerdir=" +
                          util::join(top_first, ":");
    if (!upper.empty()) {
        options += ",volatile,upperdir=" + upper + ",workdir=work";
    }
    return options;
}

LayerStack::LayerStack(std::string folder, std::string mount_path, std::string prefix)
    : folder_(std::move(folder)), mount_path_(std::move(mount_path)), prefix_(std::move(prefix)) {
    make_directory(folder_);
    make_directory(path_of("0"));
    make_directory(path_of(k_second_empty));
    if (prefix_.empty()) {
        make_directory(path_of(k_work));
    } else {
        make_directory(prefix_ + k_work);
        fs::create_directory_symlink(prefix_ + k_work, path_of(k_work));
    }
    fs::create_directories(mount_path_);
}

void LayerStack::make_layer(const std::string& name) const {
    if (prefix_.empty()) {
        make_directory(path_of(name));
        return;
    }
    const std::string place = prefix_ + name;
    make_directory(place);
    make_directory(place + k_root);
    fs::create_directory_symlink(place + k_root, path_of(name));
}

/// The link alone where the layer lies elsewhere: others may use it.
void LayerStack::remove_layer(const std::string& name) const {
    util::RootDir(folder_).remove(name);
}

void LayerStack::push(const std::string& root) {
    squash_if_deep();
    const std::string name = std::to_string(next_++);
    fs::create_directory_symlink(root, path_of(name));
    layers_.push_back(name);
}

std::string LayerStack::path_of(const std::string& layer) const {
    return folder_ + "/" + layer;
}

void LayerStack::mount_at(const LayerNames& lower, const std::string& upper) const {
    // Relative names keep the options short; they are looked up in the current folder.
    const util::Fd here = util::open_file(".", O_PATH | O_DIRECTORY);
    if (::chdir(folder_.c_str()) != 0) {
        util::throw_errno("cannot enter '" + folder_ + "'");
    }
    const std::string options = overlay_options(lower, upper);
    const unsigned long flags = upper.empty() ? MS_RDONLY : 0;
    const int status = ::mount("overlay", mount_path_.c_str(), "overlay", flags, options.c_str());
    const int number = errno;
    [[maybe_unused]] const int back = ::fchdir(here.get());
    if (status != 0) {
        errno = number;
        fail_overlay(folder_);
    }
}

void LayerStack::begin() {
    squash_if_deep();
    open_ = std::to_string(next_++);
    make_layer(open_);
    // It holds the mark of the last volatile mount, which bars the next one.
    util::RootDir(path_of(k_work)).clear(".");
    copy_attributes(path_of(layers_.back()), path_of(open_));
    mount_at(layers_, open_);
}

LayerStack::Kept LayerStack::finish() {
    unmount(mount_path_);
    const std::string layer = std::exchange(open_, {});
    if (fs::is_empty(path_of(layer)) && same_attributes(path_of(layer), path_of(layers_.back()))) {
        remove_layer(layer);
        return Kept::empty;
    }
    layers_.push_back(layer);
    return Kept::yes;
}

void LayerStack::discard() noexcept {
    unmount(mount_path_);
    try {
        const std::string layer = std::exchange(open_, {});
        if (!prefix_.empty()) {
            util::RootDir(prefix_ + layer).remove(&k_root[1]);
        }
        remove_layer(layer);
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): the sweep takes what is left
    }
}

void LayerStack::mount_read_only() {
    mount_at(layers_.size() > 1 ? layers_ : LayerNames{k_second_empty, "0"}, {});
}

void LayerStack::unmount_all() noexcept {
    unmount(mount_path_);
}

void LayerStack::squash_if_deep() {
    if (layers_.size() < k_most_layers) {
        return;
    }
    const std::string merged = std::to_string(next_++);
    make_layer(merged);
    mount_read_only();
    process::PosixRunner runner;
    runner.check({.argv = {"cp", "-a", "--reflink=auto", mount_path_ + "/.", path_of(merged)},
                  .environment = process::tool_environment()});
    copy_attributes(path_of(layers_.back()), path_of(merged));
    unmount_all();
    for (const std::string& layer : layers_) {
        if (layer != "0") {
            remove_layer(layer);
        }
    }
    layers_ = {"0", merged};
}

} // namespace kiln::sandbox
