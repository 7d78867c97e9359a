#include "disk/hidden_paths.hpp"

#include "util/error.hpp"
#include "util/root_dir.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <optional>

namespace kiln::disk {
namespace {

/// The tmpfs gets the mode and owner of the folder that it covers.
std::string tmpfs_options(const struct stat& status) {
    std::array<char, 80> text{};
    std::snprintf(text.data(),
                  text.size(),
                  "mode=%o,uid=%u,gid=%u,size=4k",
                  status.st_mode & 07777U,
                  status.st_uid,
                  status.st_gid);
    return text.data();
}

void hide(const util::RootDir& tree, const std::string& path) {
    const std::optional<util::Fd> folder = tree.open(path, O_PATH | O_DIRECTORY);
    const std::optional<struct stat> status = tree.target_status(path);
    if (!folder || !status) {
        return;
    }
    const std::string place = "/proc/self/fd/" + std::to_string(folder->get());
    const std::string options = tmpfs_options(*status);
    if (::mount("kiln", place.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
        util::throw_errno(
            {.what = "cannot hide '" + path + "' while its filesystem's parent is made",
             .hint = "this needs root or a user namespace; see: kiln doctor",
             .code = util::ExitCode::tool});
    }
}

} // namespace

std::function<void()> hide_paths(const std::string& tree, const std::vector<std::string>& paths) {
    return [tree, paths] {
        if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
            util::throw_errno({.what = "cannot make the mounts of a program private",
                               .code = util::ExitCode::tool});
        }
        const util::RootDir root(tree);
        for (const std::string& path : paths) {
            hide(root, path);
        }
    };
}

} // namespace kiln::disk
