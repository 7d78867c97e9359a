#include "cli/commands/element_commands.hpp"
#include "cli/element_places.hpp"
#include "element/graph.hpp"
#include "element/hook_list.hpp"
#include "element/hook_tree.hpp"
#include "element/phase.hpp"
#include "element/readme.hpp"
#include "util/text.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

namespace kiln::cli {
namespace {

using nlohmann::json;

/// All that there is to tell of one element.
struct Portrait {
    element::Element element;
    element::Readme readme;
    std::vector<std::string> depends;
    std::vector<std::string> provides;
    /// Phases ("install.d") with hooks in running order; environment.d is first.
    std::vector<std::pair<std::string, element::HookList>> phases;
    /// Other files that hooks of an image see.
    std::vector<std::string> files;
};

bool is_in_phase(const std::string& path, const Portrait& portrait) {
    const std::string folder = path.substr(0, path.find('/'));
    for (const auto& [phase, list] : portrait.phases) {
        if (phase == folder) {
            return true;
        }
    }
    return false;
}

Portrait portrait_of(const element::Element& element) {
    Portrait portrait = {.element = element,
                         .readme = element::load_readme(element).value_or(element::Readme{}),
                         .depends = element::dependencies_of(element),
                         .provides = element::provides_of(element),
                         .phases = {},
                         .files = {}};
    const std::vector<std::string> fragments =
        element::environment_files(element.path / "environment.d");
    if (!fragments.empty()) {
        portrait.phases.emplace_back("environment.d", element::HookList{.hooks = fragments});
    }
    for (const element::PhaseInfo& info : element::phases()) {
        const std::string folder = element::hook_directory(info.phase);
        element::HookList list = element::list_hooks(element.path / folder);
        if (!list.hooks.empty() || !list.skipped.empty()) {
            portrait.phases.emplace_back(folder, std::move(list));
        }
    }
    for (const element::HookTreeEntry& entry : element::HookTree({element}).entries()) {
        if (!is_in_phase(entry.relative_path, portrait)) {
            portrait.files.push_back(entry.relative_path);
        }
    }
    return portrait;
}

void print_names(const char* title, const std::vector<std::string>& names) {
    if (!names.empty()) {
        std::cout << title << ": " << util::join(names, ", ") << "\n";
    }
}

void print_phases(const Portrait& portrait) {
    for (const auto& [phase, list] : portrait.phases) {
        std::cout << "\n" << phase << "\n";
        for (const std::string& hook : list.hooks) {
            std::cout << "  " << hook << "\n";
        }
        for (const auto& skipped : list.skipped) {
            std::cout << "  (" << skipped.name << " does not run: " << skipped.reason << ")\n";
        }
    }
}

void print_variables(const Portrait& portrait) {
    if (!portrait.readme.variables.empty()) {
        std::cout << "\nvariables\n";
    }
    for (const element::DocumentedVariable& variable : portrait.readme.variables) {
        std::cout << "  " << util::join(variable.names, ", ");
        if (!variable.default_value.empty()) {
            std::cout << " [" << variable.default_value << "]";
        }
        std::cout << ": " << variable.meaning << "\n";
    }
}

void print(const Portrait& portrait) {
    std::cout << portrait.element.name
              << (portrait.readme.summary.empty() ? "" : ": " + portrait.readme.summary) << "\n\n";
    std::cout << "path: " << portrait.element.path.string() << "\n";
    print_names("needs", portrait.depends);
    print_names("provides", portrait.provides);
    print_phases(portrait);
    print_variables(portrait);
    if (!portrait.files.empty()) {
        std::cout << "\nfiles\n";
    }
    for (const std::string& file : portrait.files) {
        std::cout << "  " << file << "\n";
    }
}

json to_json(const Portrait& portrait) {
    json phases = json::object();
    json skipped = json::array();
    for (const auto& [phase, list] : portrait.phases) {
        phases[phase] = list.hooks;
        for (const auto& hook : list.skipped) {
            skipped.push_back({{"file", phase + "/" + hook.name}, {"reason", hook.reason}});
        }
    }
    json variables = json::array();
    for (const element::DocumentedVariable& variable : portrait.readme.variables) {
        variables.push_back({{"names", variable.names},
                             {"default", variable.default_value},
                             {"meaning", variable.meaning}});
    }
    return {{"name", portrait.element.name},
            {"path", portrait.element.path.string()},
            {"summary", portrait.readme.summary},
            {"needs", portrait.depends},
            {"provides", portrait.provides},
            {"hooks", phases},
            {"skipped", skipped},
            {"variables", variables},
            {"files", portrait.files}};
}

class ElementShowCommand : public Command {
public:
    void define(CLI::App& app) override {
        app.add_option("ELEMENT", name_, "Element to show")->required();
        app.add_flag("--json", json_, "Print a JSON object");
    }

    int run() override {
        const Portrait portrait = portrait_of(require_element(element_catalog(), name_));
        if (json_) {
            std::cout << to_json(portrait).dump(2, ' ', false, json::error_handler_t::replace)
                      << "\n";
        } else {
            print(portrait);
        }
        return 0;
    }

private:
    std::string name_;
    bool json_ = false;
};

} // namespace

std::unique_ptr<Command> make_element_show_command() {
    return std::make_unique<ElementShowCommand>();
}

} // namespace kiln::cli
