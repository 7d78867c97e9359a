#include "element/tree_path.hpp"

#include "util/error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>

namespace kiln::element {

std::string folder_on_host(const util::RootDir& tree, const std::string& path) {
    const std::optional<struct stat> info = tree.target_status(path);
    if (info && !S_ISDIR(info->st_mode)) {
        throw util::Error({.what = "'" + path + "' of the image is no folder",
                           .hint = "choose another destination",
                           .code = util::ExitCode::hook});
    }
    tree.make_directories(path);
    const std::optional<util::Fd> folder = tree.open(path, O_PATH | O_DIRECTORY);
    if (!folder) {
        throw util::Error({.what = "'" + path + "' of the image cannot be made"});
    }
    return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(folder->get()));
}

std::string file_on_host(const util::RootDir& tree, const std::string& path) {
    const std::filesystem::path whole(path);
    const std::optional<struct stat> info = tree.status(path);
    if (!whole.has_filename() || (info && S_ISDIR(info->st_mode))) {
        throw util::Error({.what = "'" + path + "' is a folder of the image, not a file",
                           .hint = "give the destination the name of a file",
                           .code = util::ExitCode::hook});
    }
    return folder_on_host(tree, whole.parent_path()) + "/" + whole.filename().string();
}

} // namespace kiln::element
