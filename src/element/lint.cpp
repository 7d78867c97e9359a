#include "element/lint.hpp"

#include "element/element_file.hpp"
#include "element/expand.hpp"
#include "element/graph.hpp"
#include "element/hook_tree.hpp"
#include "element/lint_hooks.hpp"
#include "element/lint_variables.hpp"
#include "element/package_installs.hpp"
#include "element/phase.hpp"
#include "element/pkg_map.hpp"
#include "element/readme.hpp"
#include "element/svc_map.hpp"
#include "util/edit_distance.hpp"
#include "util/text.hpp"

#include <functional>
#include <optional>

namespace kiln::element {
namespace {

namespace fs = std::filesystem;
using Findings = std::vector<Finding>;

void check_readme(const Element& element, Findings& findings) {
    if (!readme_path(element)) {
        findings.push_back({.severity = Severity::warning,
                            .rule = "readme-missing",
                            .file = element.path,
                            .message = "there is no README.md: say what the element does, with a "
                                       "table of its variables"});
    }
}

void add_bad_file(const fs::path& file, const std::function<void()>& parse, Findings& findings) {
    try {
        parse();
    } catch (const util::Error& error) {
        const std::string what = error.what();
        const bool unknown = what.find("unknown key") != std::string::npos;
        findings.push_back(finding_of(error, unknown ? "unknown-key" : "bad-file", file));
    }
}

void check_file(const fs::path& file,
                const std::function<void(const std::string& content)>& parse,
                Findings& findings) {
    add_bad_file(
        file,
        [&] {
            if (const std::optional<std::string> content = read_element_file(file)) {
                parse(*content);
            }
        },
        findings);
}

void check_data_files(const Element& element, Findings& findings) {
    for (const char* name : {"package-installs.yaml", "package-installs.json"}) {
        const fs::path file = element.path / name;
        check_file(
            file,
            [&](const std::string& content) { parse_package_installs(content, file); },
            findings);
    }
    const fs::path pkg_map = element.path / "pkg-map";
    check_file(
        pkg_map, [&](const std::string& content) { PkgMap::parse(content, pkg_map); }, findings);
    const fs::path svc_map = element.path / "svc-map";
    check_file(
        svc_map, [&](const std::string& content) { parse_svc_map(content, svc_map); }, findings);
}

bool is_known(const std::string& name, const Catalog& catalog) {
    return catalog.find(name) || !catalog.providers_of(name).empty();
}

void check_dependencies(const Element& element, const Catalog& catalog, Findings& findings) {
    const fs::path file = element.path / "element-deps";
    const auto check = [&](const std::string& content) {
        for (const NameLine& line : parse_name_lines(content)) {
            if (is_known(line.name, catalog)) {
                continue;
            }
            const bool comment = line.name.front() == '#';
            findings.push_back({.rule = comment ? "bad-file" : "unknown-dependency",
                                .file = file,
                                .line = line.line,
                                .message = comment ? "comments are not supported in element-deps"
                                                   : "there is no element '" + line.name + "'; " +
                                                         util::did_you_mean(line.name,
                                                                            catalog.names(),
                                                                            "its folder belongs in "
                                                                            "ELEMENTS_PATH")});
        }
    };
    check_file(file, check, findings);
}

/// A folder "instal.d" is none that runs.
void check_folders(const Element& element, Findings& findings) {
    std::vector<std::string> known = {"environment.d", "test.d"};
    for (const PhaseInfo& info : phases()) {
        known.push_back(hook_directory(info.phase));
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(element.path)) {
        const std::string name = entry.path().filename();
        std::error_code error;
        const bool hooks = entry.is_directory(error) && entry.path().extension() == ".d";
        const std::optional<std::string> meant = util::nearest(name, known);
        if (hooks && meant && *meant != name) {
            findings.push_back({.rule = "unknown-phase",
                                .file = entry.path(),
                                .message = "there is no phase of that name, so nothing in it "
                                           "runs; did you mean '" +
                                           *meant + "'?"});
        }
    }
}

/// The element with all that it needs; nothing when that cannot be told (a missing dependency is
/// found elsewhere).
std::optional<std::vector<Element>> with_dependencies(const Element& element,
                                                      const Catalog& catalog) {
    try {
        return expand(catalog,
                      {.elements = {element.name},
                       .with_base = false,
                       .operating_system = OperatingSystem::optional});
    } catch (const util::Error&) {
        return std::nullopt;
    }
}

void check_duplicates(const Element& element,
                      const std::vector<Element>& elements,
                      Findings& findings) {
    try {
        const HookTree tree(elements);
    } catch (const util::Error& error) {
        const std::string what = error.what();
        if (what.find("'" + element.name + "'") != std::string::npos) {
            findings.push_back(finding_of(error, "duplicate-hook", element.path));
        }
    }
}

} // namespace

std::vector<Finding> lint_element(const Element& element, const Catalog& catalog) {
    Findings findings;
    check_readme(element, findings);
    check_dependencies(element, catalog, findings);
    check_data_files(element, findings);
    check_folders(element, findings);
    lint_hooks(element, findings);
    const std::optional<std::vector<Element>> elements = with_dependencies(element, catalog);
    if (elements) {
        check_duplicates(element, *elements, findings);
        lint_variables(element, *elements, catalog, findings);
    }
    settle(findings);
    return findings;
}

} // namespace kiln::element
