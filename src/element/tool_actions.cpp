#include "element/tool_actions.hpp"

#include "element/environment.hpp"
#include "element/hook_variable.hpp"
#include "element/pkg_map.hpp"
#include "element/resolve_packages.hpp"
#include "element/svc_map.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/root_dir.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <set>

namespace kiln::element {
namespace {

namespace fs = std::filesystem;

/// Plain, or quoted where YAML would read something else than text.
std::string yaml_name(const std::string& name) {
    static const std::set<std::string> k_words = {
        "true", "false", "yes", "no", "on", "off", "null", "y", "n"};
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    const bool number = std::isdigit(static_cast<unsigned char>(name.front())) != 0;
    return number || k_words.count(lower) > 0 ? "'" + name + "'" : name;
}

/// An empty folder $TMP_HOOKS_PATH/kiln/NAME: what a former run left there is gone.
fs::path fresh_directory(const process::Environment& environment, const std::string& name) {
    const fs::path directory =
        fs::path(hook_variable(environment, "TMP_HOOKS_PATH")) / "kiln" / name;
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

std::string shown_text(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string table_of(const PkgMap& map) {
    std::string table;
    for (const PkgMapRow& row : map.rows()) {
        table += row.section + "\t" + shown_text(row.distribution) + "\t" +
                 shown_text(row.release) + "\t" + row.name + "\t" + row.value + "\n";
    }
    return table;
}

} // namespace

std::vector<std::string> write_package_lists(const process::Environment& environment) {
    const std::vector<Element> elements =
        parse_element_yaml(hook_variable(environment, "IMAGE_ELEMENT_YAML"));
    ResolvedPackages packages = resolve_packages(elements, environment);
    const fs::path directory = fresh_directory(environment, "package-installs");
    for (const auto& [phase, lists] : packages.phases) {
        const std::string name = hook_directory(phase);
        write_list(directory / (name + ".install"), lists.install);
        write_list(directory / (name + ".uninstall"), lists.uninstall);
    }
    const auto path = environment.find("KILN_ELEMENTS_PATH");
    if (path != environment.end()) {
        std::vector<std::string> hidden = hidden_package_files(elements, path->second);
        std::move(hidden.begin(), hidden.end(), std::back_inserter(packages.warnings));
    }
    return std::move(packages.warnings);
}

std::vector<std::string> write_pkg_map_tables(const process::Environment& environment) {
    const std::vector<Element> elements =
        parse_element_yaml(hook_variable(environment, "IMAGE_ELEMENT_YAML"));
    const fs::path directory = fresh_directory(environment, "pkg-map");
    for (const Element& element : elements) {
        if (const auto map = load_pkg_map(element)) {
            write_text(directory / (element.name + ".tsv"), table_of(*map));
        }
    }
    return {};
}

std::vector<std::string> write_svc_map(const process::Environment& environment) {
    const std::vector<Element> elements =
        parse_element_yaml(hook_variable(environment, "IMAGE_ELEMENT_YAML"));
    const auto distribution = environment.find("DISTRO_NAME");
    const auto services = merge_svc_maps(
        elements, distribution == environment.end() ? std::string() : distribution->second);
    std::string lines;
    for (const auto& [service, name] : services) {
        lines += yaml_name(service) + ": " + yaml_name(name) + "\n";
    }
    const util::RootDir tree(hook_variable(environment, "TMP_MOUNT_PATH"));
    tree.write("usr/share/svc-map/services", lines);
    if (distribution == environment.end() && !services.empty()) {
        return {"DISTRO_NAME is not set: svc-map gives the default names"};
    }
    return {};
}

} // namespace kiln::element
