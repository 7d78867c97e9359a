#include "build/lint_layouts.hpp"
#include "cli/commands/element_commands.hpp"
#include "cli/element_places.hpp"
#include "cli/places.hpp"
#include "element/lint.hpp"
#include "process/posix_runner.hpp"
#include "process/tool_check.hpp"
#include "util/error.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace kiln::cli {
namespace {

namespace fs = std::filesystem;
using element::Finding;
using element::Severity;

bool is_path(const std::string& word) {
    return word.find('/') != std::string::npos || word == "." || word == "..";
}

element::Element element_at(const std::string& word) {
    const fs::path path = absolute_path(word);
    const fs::path folder = path.has_filename() ? path : path.parent_path();
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
        throw util::Error({.what = "there is no folder '" + folder.string() + "'",
                           .hint = "name an element, or the folder of one",
                           .code = util::ExitCode::usage});
    }
    return {.name = folder.filename(), .path = folder};
}

void append(std::vector<Finding>& all, const std::vector<Finding>& more) {
    all.insert(all.end(), more.begin(), more.end());
}

std::size_t count(const std::vector<Finding>& findings, Severity severity) {
    return static_cast<std::size_t>(
        std::count_if(findings.begin(), findings.end(), [&](const Finding& finding) {
            return finding.severity == severity;
        }));
}

void print_text(const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) {
        std::cout << finding.file << (finding.line > 0 ? ":" + std::to_string(finding.line) : "")
                  << ": " << element::severity_name(finding.severity) << ": " << finding.message
                  << " [" << finding.rule << "]\n";
    }
}

void print_json(const std::vector<Finding>& findings) {
    nlohmann::json list = nlohmann::json::array();
    for (const Finding& finding : findings) {
        list.push_back({{"file", finding.file},
                        {"line", finding.line},
                        {"severity", element::severity_name(finding.severity)},
                        {"rule", finding.rule},
                        {"message", finding.message}});
    }
    std::cout << list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

class ElementLintCommand : public Command {
public:
    void define(CLI::App& app) override {
        app.add_option("ELEMENT", words_, "Elements, or folders of elements [all]");
        app.add_flag("--no-shellcheck", no_shellcheck_, "Do not run shellcheck");
        app.add_flag("--json", json_, "Print a JSON array");
    }

    int run() override {
        const element::Catalog catalog = make_catalog();
        const std::vector<element::Element> elements = chosen(catalog);
        std::vector<Finding> findings;
        for (const element::Element& element : elements) {
            append(findings, element::lint_element(element, catalog));
            append(findings, build::lint_layouts(element));
        }
        append(findings, shell_findings(elements));
        element::settle(findings);
        if (json_) {
            print_json(findings);
        } else {
            print_text(findings);
        }
        return conclude(findings, elements.size());
    }

private:
    /// An element given by its folder finds its neighbours.
    [[nodiscard]] element::Catalog make_catalog() const {
        std::vector<fs::path> folders;
        for (const std::string& word : words_) {
            if (is_path(word)) {
                folders.push_back(element_at(word).path.parent_path());
            }
        }
        return element_catalog(folders);
    }

    [[nodiscard]] std::vector<element::Element> chosen(const element::Catalog& catalog) const {
        std::vector<element::Element> elements;
        for (const std::string& word : words_.empty() ? catalog.names() : words_) {
            elements.push_back(is_path(word) ? element_at(word) : require_element(catalog, word));
        }
        return elements;
    }

    [[nodiscard]] std::vector<Finding>
    shell_findings(const std::vector<element::Element>& elements) const {
        if (no_shellcheck_) {
            return {};
        }
        if (!process::find_program("shellcheck", process::tool_environment())) {
            std::cerr << "note: shellcheck is not installed; it would find more: sudo apt-get "
                         "install --no-install-recommends shellcheck\n";
            return {};
        }
        process::PosixRunner runner;
        return element::lint_shell(elements, runner);
    }

    static int conclude(const std::vector<Finding>& findings, std::size_t elements) {
        const std::size_t errors = count(findings, Severity::error);
        std::cerr << elements << (elements == 1 ? " element: " : " elements: ") << errors
                  << " errors, " << count(findings, Severity::warning) << " warnings, "
                  << count(findings, Severity::note) << " notes\n";
        return static_cast<int>(errors > 0 ? util::ExitCode::hook : util::ExitCode::ok);
    }

    std::vector<std::string> words_;
    bool no_shellcheck_ = false;
    bool json_ = false;
};

} // namespace

std::unique_ptr<Command> make_element_lint_command() {
    return std::make_unique<ElementLintCommand>();
}

} // namespace kiln::cli
