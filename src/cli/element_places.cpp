#include "cli/element_places.hpp"

#include "build/installation.hpp"
#include "util/edit_distance.hpp"
#include "util/error.hpp"

#include <cstdlib>

namespace kiln::cli {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> users_folders() {
    const char* path = ::getenv("ELEMENTS_PATH");
    return element::parse_elements_path(path == nullptr ? "" : path);
}

} // namespace

std::vector<fs::path> element_folders() {
    std::vector<fs::path> folders = users_folders();
    folders.push_back(build::find_installation().elements);
    return folders;
}

bool is_own_folder(const fs::path& folder) {
    std::error_code error;
    return fs::equivalent(folder, build::find_installation().elements, error);
}

element::Catalog element_catalog(const std::vector<fs::path>& more) {
    std::vector<fs::path> folders = more;
    const std::vector<fs::path> users = users_folders();
    folders.insert(folders.end(), users.begin(), users.end());
    return element::Catalog(folders, {.own = build::find_installation().elements});
}

element::Element require_element(const element::Catalog& catalog, const std::string& name) {
    if (std::optional<element::Element> found = catalog.find(name)) {
        return *found;
    }
    throw util::Error(
        {.what = "element '" + name + "' not found",
         .hint = util::did_you_mean(name, catalog.names(), "see the list: kiln element list"),
         .code = util::ExitCode::hook});
}

} // namespace kiln::cli
