#include "element/catalog.hpp"

#include "element/element_file.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>

namespace kiln::element {
namespace {

namespace fs = std::filesystem;

bool is_element_name(const std::string& name) {
    return !name.empty() && name.front() != '.' && name != "__pycache__";
}

bool belongs_to_kiln(const std::string& name) {
    return name == "vm" || name == "bootloader" || name.rfind("block-device-", 0) == 0;
}

std::vector<Element> elements_in(const fs::path& directory) {
    std::vector<Element> found;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        std::string name = entry->path().filename().string();
        std::error_code ignored;
        if (is_element_name(name) && entry->is_directory(ignored)) {
            found.push_back({.name = std::move(name), .path = entry->path()});
        }
    }
    if (error) {
        throw util::Error(
            {.what = "cannot list the elements in '" + directory.string() + "': " + error.message(),
             .hint = "correct ELEMENTS_PATH",
             .code = util::ExitCode::usage});
    }
    return found;
}

bool provides(const fs::path& element, const std::string& virtual_name) {
    const auto content = read_element_file(element / "element-provides");
    const std::vector<NameLine> lines = parse_name_lines(content.value_or(""));
    return std::any_of(lines.begin(), lines.end(), [&](const NameLine& line) {
        return line.name == virtual_name;
    });
}

} // namespace

std::vector<fs::path> parse_elements_path(std::string_view text) {
    std::vector<fs::path> directories;
    for (const std::string& entry : util::split(text, ':')) {
        if (entry.empty()) {
            continue;
        }
        std::error_code error;
        if (!fs::is_directory(entry, error)) {
            throw util::Error({.what = "ELEMENTS_PATH entry '" + entry + "' is not a directory",
                               .hint = "make it, or take it out of ELEMENTS_PATH",
                               .code = util::ExitCode::usage});
        }
        directories.push_back(fs::absolute(entry).lexically_normal());
    }
    return directories;
}

Catalog::Catalog(std::vector<fs::path> search_path, const CatalogOptions& options) {
    if (!options.own.empty()) {
        search_path.push_back(options.own);
    }
    for (const fs::path& directory : search_path) {
        add_directory(directory);
    }
    if (!options.own.empty() && !options.allow_override) {
        put_own_first(options.own);
    }
}

void Catalog::add_directory(const fs::path& directory) {
    for (const Element& element : elements_in(directory)) {
        elements_.emplace(element.name, element.path);
    }
}

void Catalog::put_own_first(const fs::path& own) {
    for (const Element& element : elements_in(own)) {
        fs::path& chosen = elements_.at(element.name);
        std::error_code error;
        if (belongs_to_kiln(element.name) && !fs::equivalent(chosen, element.path, error)) {
            shadowed_.push_back({.name = element.name, .path = chosen});
            chosen = element.path;
        }
    }
    std::sort(shadowed_.begin(), shadowed_.end(), [](const Element& left, const Element& right) {
        return left.name < right.name;
    });
}

std::optional<Element> Catalog::find(const std::string& name) const {
    const auto found = elements_.find(name);
    if (found == elements_.end()) {
        return std::nullopt;
    }
    return Element{.name = name, .path = found->second};
}

std::vector<std::string> Catalog::names() const {
    std::vector<std::string> names;
    names.reserve(elements_.size());
    for (const auto& [name, path] : elements_) {
        names.push_back(name);
    }
    return names;
}

std::vector<std::string> Catalog::providers_of(const std::string& virtual_name) const {
    std::vector<std::string> names;
    for (const auto& [name, path] : elements_) {
        if (provides(path, virtual_name)) {
            names.push_back(name);
        }
    }
    return names;
}

} // namespace kiln::element
