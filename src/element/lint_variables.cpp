#include "element/lint_variables.hpp"

#include "element/element_file.hpp"
#include "element/hook_file.hpp"
#include "element/known_variables.hpp"
#include "element/lint_hooks.hpp"
#include "element/readme.hpp"
#include "element/shell_names.hpp"

#include <cctype>
#include <map>
#include <set>
#include <utility>

namespace kiln::element {
namespace {

using Names = std::set<std::string>;

void add_words(const std::string& text, Names& names) {
    std::string word;
    for (const char c : text + " ") {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
            word += c;
        } else if (!word.empty()) {
            names.insert(std::exchange(word, {}));
        }
    }
}

/// What a README names is for the user to set.
void add_documented(const Element& element, Names& names) {
    const auto file = readme_path(element);
    if (!file) {
        return;
    }
    try {
        add_words(read_element_file(*file).value_or(""), names);
    } catch (const util::Error&) { // NOLINT(bugprone-empty-catch): then it documents nothing
    }
}

/// Names that hooks of an element can count on because of an element.
Names variables_of(const std::vector<Element>& elements) {
    Names names;
    for (const Element& element : elements) {
        add_documented(element, names);
        for (const ElementScript& fragment : environment_fragments(element)) {
            const ShellNames found = scan_shell(fragment.content);
            names.insert(found.assigned.begin(), found.assigned.end());
        }
    }
    return names;
}

/// An element that sets a variable in its environment.d; empty: none of the catalog does.
std::string setter_of(const std::string& name, const Catalog& catalog) {
    for (const std::string& element : catalog.names()) {
        for (const ElementScript& fragment : environment_fragments(*catalog.find(element))) {
            if (scan_shell(fragment.content).assigned.count(name) > 0) {
                return element;
            }
        }
    }
    return "";
}

Finding make_finding(const std::string& name, const Catalog& catalog) {
    const std::string setter = setter_of(name, catalog);
    if (!setter.empty()) {
        return {.severity = Severity::note,
                .rule = "never-set",
                .message = "'" + name + "' is set by elements that this one does not need, as '" +
                           setter + "'"};
    }
    return {.severity = Severity::warning,
            .rule = "never-set",
            .message = "nothing sets '" + name + "': give it a default (${" + name +
                       ":-}), set it in environment.d, or name it in the README as a variable "
                       "for users"};
}

/// The uses that nothing in the script or in set explains, with their lines.
std::map<std::string, std::size_t> unexplained(const ElementScript& script, const Names& set) {
    const ShellNames names = scan_shell(script.content);
    std::map<std::string, std::size_t> found;
    if (names.opaque || disables(script.content, "never-set")) {
        return found;
    }
    for (const auto& [name, line] : names.used) {
        if (names.assigned.count(name) == 0 && names.guarded.count(name) == 0 &&
            set.count(name) == 0 && !is_known_variable(name)) {
            found.emplace(name, line);
        }
    }
    return found;
}

} // namespace

void lint_variables(const Element& element,
                    const std::vector<Element>& elements,
                    const Catalog& catalog,
                    std::vector<Finding>& findings) {
    const Names set = variables_of(elements);
    for (const ElementScript& script : shell_scripts(element)) {
        if (script.path.parent_path().filename() == "bin") {
            continue;
        }
        for (const auto& [name, line] : unexplained(script, set)) {
            findings.push_back(make_finding(name, catalog));
            findings.back().file = script.path;
            findings.back().line = line;
        }
    }
}

} // namespace kiln::element
