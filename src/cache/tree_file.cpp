#include "cache/tree_file.hpp"

#include "util/error.hpp"
#include "util/text.hpp"

namespace kiln::cache {

std::optional<std::string>
read_bounded(const util::RootDir& tree, std::string_view path, std::uint64_t limit) {
    const std::optional<struct stat> info = tree.target_status(path);
    if (!info || !S_ISREG(info->st_mode)) {
        return std::nullopt;
    }
    if (static_cast<std::uint64_t>(info->st_size) > limit) {
        throw util::Error({.what = "'/" + std::string(path) + "' in the tree '" + tree.path() +
                                   "' is larger than " + util::human_bytes(limit)});
    }
    return tree.read(path);
}

} // namespace kiln::cache
