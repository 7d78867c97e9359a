#include "build/tree_steps.hpp"

#include "util/error.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

namespace kiln::build {
namespace {

using util::RootDir;

constexpr std::array<const char*, 5> k_emptied = {"tmp", "run", "dev", "proc", "sys"};

/// What kiln itself or the file system puts into a tree.
bool is_incidental(const std::string& name) {
    static constexpr std::array<const char*, 5> k_names = {
        "lost+found", "tmp", "proc", "sys", "dev"};
    return std::find(k_names.begin(), k_names.end(), name) != k_names.end();
}

std::string list_of(const std::vector<element::Element>& elements) {
    std::vector<std::string> names;
    names.reserve(elements.size());
    for (const element::Element& element : elements) {
        names.push_back(element.name);
    }
    return util::join(names, " ");
}

bool is_real_directory(const RootDir& tree, const std::string& path) {
    const std::optional<struct stat> info = tree.status(path);
    return info && S_ISDIR(info->st_mode);
}

void truncate_files(const RootDir& tree, const std::string& directory) {
    for (const std::string& name : tree.list(directory)) {
        const std::string path = util::child_path(directory, name);
        const std::optional<struct stat> info = tree.status(path);
        if (info && S_ISDIR(info->st_mode)) {
            truncate_files(tree, path);
        } else if (info && S_ISREG(info->st_mode) && info->st_size > 0) {
            const std::optional<util::Fd> emptied =
                tree.open(path, O_WRONLY | O_TRUNC | O_NOFOLLOW);
        }
    }
}

bool is_log(const std::string& name) {
    static constexpr std::string_view k_suffix = ".log";
    return name.size() > k_suffix.size() &&
           name.compare(name.size() - k_suffix.size(), k_suffix.size(), k_suffix) == 0;
}

void remove_host_resolv_conf(const RootDir& tree, const std::string& host_content) {
    const std::optional<struct stat> info = tree.status("etc/resolv.conf");
    if (info && S_ISREG(info->st_mode) && !host_content.empty() &&
        tree.read("etc/resolv.conf") == host_content) {
        tree.remove("etc/resolv.conf");
    }
}

} // namespace

void require_root(const RootDir& tree, const std::vector<element::Element>& elements) {
    const std::vector<std::string> names = tree.list("/");
    if (std::all_of(names.begin(), names.end(), is_incidental)) {
        throw util::Error({.what = "no hook of phase root put a system into the tree",
                           .hint = "name an element that does, as debian-minimal; the list is: " +
                                   list_of(elements),
                           .code = util::ExitCode::hook});
    }
}

void scrub(const RootDir& tree, const std::string& host_resolv_conf) {
    for (const char* directory : k_emptied) {
        if (is_real_directory(tree, directory)) {
            tree.clear(directory);
        }
    }
    if (is_real_directory(tree, "var/log")) {
        truncate_files(tree, "var/log");
    }
    for (const std::string& name : tree.list("root")) {
        if (is_log(name)) {
            tree.remove("root/" + name);
        }
    }
    remove_host_resolv_conf(tree, host_resolv_conf);
}

} // namespace kiln::build
