#include "element/hook_tree.hpp"

#include "util/error.hpp"
#include "util/fd.hpp"

namespace kiln::element {
namespace {

namespace fs = std::filesystem;

bool is_merged_folder(const std::string& name) {
    return name != "tests" && name != "test-elements" && name != "__pycache__" && name != ".git";
}

bool is_merged_file(const std::string& name) {
    return name.rfind("README", 0) != 0 && name != "element-deps" && name != "element-provides";
}

/// Whether a path lies in one of the folders that hold hooks ("install.d/...").
bool is_hook(const std::string& relative_path) {
    const std::string top = relative_path.substr(0, relative_path.find('/'));
    return top.size() > 2 && top.compare(top.size() - 2, 2, ".d") == 0;
}

bool have_same_content(const fs::path& left, const fs::path& right) {
    if (fs::is_symlink(left) || fs::is_symlink(right)) {
        return fs::is_symlink(left) && fs::is_symlink(right) &&
               fs::read_symlink(left) == fs::read_symlink(right);
    }
    return fs::status(left).permissions() == fs::status(right).permissions() &&
           fs::file_size(left) == fs::file_size(right) &&
           util::read_file(left.string()) == util::read_file(right.string());
}

[[noreturn]] void
fail_duplicate(const std::string& path, const std::string& first, const std::string& second) {
    const std::string kind = is_hook(path) ? "hook" : "file";
    throw util::Error({.what = "duplicate " + kind + " '" + path + "' in elements '" + first +
                               "' and '" + second + "'",
                       .hint = "rename one of them; hooks of all elements share one folder a phase",
                       .code = util::ExitCode::hook});
}

/// Turns errors of std::filesystem into ours.
template <typename Action>
void guarded(const Action& action) {
    try {
        action();
    } catch (const fs::filesystem_error& error) {
        throw util::Error(
            {.what = "cannot copy '" + error.path1().string() + "': " + error.code().message(),
             .code = util::ExitCode::failed});
    }
}

void copy_entry(const HookTreeEntry& entry, const fs::path& target) {
    if (fs::is_symlink(entry.source)) {
        fs::remove(target);
        fs::copy_symlink(entry.source, target);
        return;
    }
    fs::copy_file(entry.source, target, fs::copy_options::overwrite_existing);
    fs::permissions(target, fs::status(entry.source).permissions());
}

} // namespace

HookTree::HookTree(const std::vector<Element>& elements) {
    guarded([&] {
        for (const Element& element : elements) {
            add_element(element);
        }
    });
}

void HookTree::add_element(const Element& element) {
    for (const fs::directory_entry& entry : fs::directory_iterator(element.path)) {
        const std::string name = entry.path().filename().string();
        if (entry.is_directory()) {
            if (is_merged_folder(name)) {
                add_folder(element, name);
            }
        } else if (is_merged_file(name) && (entry.is_regular_file() || entry.is_symlink())) {
            const auto folder = folders_.find(name);
            if (folder != folders_.end()) {
                fail_duplicate(name, folder->second, element.name);
            }
            entries_[name] = {
                .relative_path = name, .source = entry.path(), .element = element.name};
        }
    }
}

void HookTree::add_folder(const Element& element, const std::string& folder) {
    const auto file = entries_.find(folder);
    if (file != entries_.end()) {
        fail_duplicate(folder, file->second.element, element.name);
    }
    folders_.emplace(folder, element.name);
    for (const fs::directory_entry& entry : fs::directory_iterator(element.path / folder)) {
        const std::string name = entry.path().filename().string();
        const std::string relative_path = (fs::path(folder) / name).string();
        if (entry.is_directory() && !entry.is_symlink()) {
            if (name != "__pycache__") {
                add_folder(element, relative_path);
            }
        } else if (entry.is_regular_file() || entry.is_symlink()) {
            add_entry(
                {.relative_path = relative_path, .source = entry.path(), .element = element.name});
        }
    }
}

void HookTree::add_entry(HookTreeEntry entry) {
    require_no_clash(entry);
    std::string key = entry.relative_path;
    entries_.emplace(std::move(key), std::move(entry));
}

void HookTree::require_no_clash(const HookTreeEntry& entry) const {
    const std::string& path = entry.relative_path;
    const auto folder = folders_.find(path);
    if (folder != folders_.end()) {
        fail_duplicate(path, folder->second, entry.element);
    }
    const auto other = entries_.find(path);
    if (other != entries_.end() &&
        (is_hook(path) || !have_same_content(other->second.source, entry.source))) {
        fail_duplicate(path, other->second.element, entry.element);
    }
}

std::vector<HookTreeEntry> HookTree::entries() const {
    std::vector<HookTreeEntry> list;
    list.reserve(entries_.size());
    for (const auto& [path, entry] : entries_) {
        list.push_back(entry);
    }
    return list;
}

void HookTree::write(const fs::path& directory) const {
    guarded([&] {
        fs::create_directories(directory);
        for (const auto& [path, element] : folders_) {
            fs::create_directories(directory / path);
        }
        for (const auto& [path, entry] : entries_) {
            copy_entry(entry, directory / path);
        }
    });
}

void HookTree::write_element(const fs::path& directory, const std::string& element) const {
    guarded([&] {
        for (const auto& [path, entry] : entries_) {
            if (entry.element == element) {
                copy_entry(entry, directory / path);
            }
        }
    });
}

std::string HookTree::element_of(const std::string& relative_path) const {
    const auto found = entries_.find(relative_path);
    return found == entries_.end() ? "" : found->second.element;
}

} // namespace kiln::element
