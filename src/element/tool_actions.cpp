#include "element/tool_actions.hpp"

#include "element/environment.hpp"
#include "element/pkg_map.hpp"
#include "element/resolve_packages.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>

#include <filesystem>

namespace kiln::element {
namespace {

namespace fs = std::filesystem;

const std::string& required(const process::Environment& environment, const std::string& name) {
    const auto found = environment.find(name);
    if (found == environment.end() || found->second.empty()) {
        throw util::Error({.what = "the variable '" + name + "' is not set",
                           .hint = "this is meant to be called by an extra-data hook of a build",
                           .code = util::ExitCode::hook});
    }
    return found->second;
}

/// An empty folder $TMP_HOOKS_PATH/kiln/NAME: what a former run left there is gone.
fs::path fresh_directory(const process::Environment& environment, const std::string& name) {
    const fs::path directory = fs::path(required(environment, "TMP_HOOKS_PATH")) / "kiln" / name;
    std::error_code error;
    fs::remove_all(directory, error);
    fs::create_directories(directory, error);
    if (error) {
        throw util::Error({.what = "cannot make '" + directory.string() + "': " + error.message()});
    }
    return directory;
}

void write_text(const fs::path& file, const std::string& content) {
    const util::Fd fd = util::open_file(file.string(), O_WRONLY | O_CREAT | O_TRUNC);
    util::write_all(fd.get(), content, file.string());
}

void write_list(const fs::path& file, const std::vector<std::string>& names) {
    std::string content;
    for (const std::string& name : names) {
        content += name + "\n";
    }
    if (!content.empty()) {
        write_text(file, content);
    }
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string table_of(const PkgMap& map) {
    std::string table;
    for (const PkgMapRow& row : map.rows()) {
        table += row.section + "\t" + or_dash(row.distribution) + "\t" + or_dash(row.release) +
                 "\t" + row.name + "\t" + row.value + "\n";
    }
    return table;
}

} // namespace

std::vector<std::string> write_package_lists(const process::Environment& environment) {
    const std::vector<Element> elements =
        parse_element_yaml(required(environment, "IMAGE_ELEMENT_YAML"));
    ResolvedPackages packages = resolve_packages(elements, environment);
    const fs::path directory = fresh_directory(environment, "package-installs");
    for (const auto& [phase, lists] : packages.phases) {
        const std::string name = hook_directory(phase);
        write_list(directory / (name + ".install"), lists.install);
        write_list(directory / (name + ".uninstall"), lists.uninstall);
    }
    return std::move(packages.warnings);
}

std::vector<std::string> write_pkg_map_tables(const process::Environment& environment) {
    const std::vector<Element> elements =
        parse_element_yaml(required(environment, "IMAGE_ELEMENT_YAML"));
    const fs::path directory = fresh_directory(environment, "pkg-map");
    for (const Element& element : elements) {
        if (const auto map = load_pkg_map(element)) {
            write_text(directory / (element.name + ".tsv"), table_of(*map));
        }
    }
    return {};
}

} // namespace kiln::element
