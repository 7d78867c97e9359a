#include "element/lint_hooks.hpp"

#include "element/declared_inputs.hpp"
#include "element/element_file.hpp"
#include "element/hook_file.hpp"
#include "element/hook_list.hpp"
#include "element/phase.hpp"
#include "util/edit_distance.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <regex>

namespace kiln::element {
namespace {

namespace fs = std::filesystem;
using Findings = std::vector<Finding>;

constexpr const char* k_not_executable = "it is not executable";

std::vector<std::string> names_of_entries(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        std::error_code ignored;
        if (!entry.is_directory(ignored)) {
            names.push_back(entry.path().filename());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// Empty for what is no readable file of a sane size: programs in bin may be large.
std::string content_of(const fs::path& file) {
    try {
        return read_element_file(file).value_or("");
    } catch (const util::Error&) {
        return "";
    }
}

bool is_binary(const std::string& content) {
    return content.substr(0, 4) == "\x7f"
                                   "ELF";
}

void add_script(const fs::path& file, std::vector<ElementScript>& scripts) {
    const std::string content = content_of(file);
    const std::optional<Shebang> shebang = parse_shebang(content);
    const std::optional<std::string> dialect = shebang ? shell_dialect(*shebang) : std::nullopt;
    if (dialect) {
        scripts.push_back({.path = file, .dialect = *dialect, .content = content});
    }
}

void check_shebang(const fs::path& file, const std::string& content, Findings& findings) {
    const auto add = [&](const char* rule, const std::string& message) {
        findings.push_back({.rule = rule, .file = file, .line = 1, .message = message});
    };
    const std::optional<Shebang> shebang = parse_shebang(content);
    if (!shebang) {
        add("shebang-missing", "the hook has no first line '#!/bin/bash'");
    } else if (shebang->carriage_return) {
        add("shebang-crlf",
            "the lines end as on Windows (CR LF), so there is no such interpreter; mend it with: "
            "sed -i 's/\\r$//' " +
                file.string());
    } else if (!shebang->absolute || shebang->interpreter.empty()) {
        add("shebang-unknown", "'#!" + shebang->text + "' is no absolute path of an interpreter");
    } else if (!is_known_interpreter(shebang->interpreter)) {
        const std::string hint = util::did_you_mean(
            shebang->interpreter, {"bash", "sh", "dash", "python3", "perl", "env"});
        add("shebang-unknown",
            "'" + shebang->interpreter + "' is no known interpreter" +
                (hint.empty() ? "" : "; " + hint));
    }
}

void check_stops(const fs::path& file, const std::string& content, Findings& findings) {
    const std::optional<Shebang> shebang = parse_shebang(content);
    if (!shebang || !shell_dialect(*shebang) || stops_at_errors(content) ||
        disables(content, "sete") || disables(content, "no-set-e")) {
        return;
    }
    findings.push_back({.rule = "no-set-e",
                        .file = file,
                        .line = 1,
                        .message = "the hook goes on after an error: begin it with "
                                   "'set -eu -o pipefail'"});
}

void check_declared_inputs(const fs::path& file, const std::string& content, Findings& findings) {
    constexpr const char* k_rule = "kiln-inputs";
    try {
        const std::optional<Phase> phase = phase_by_name(file.parent_path().filename().string());
        const bool in_tree = phase && phase_info(*phase).side != Side::host;
        if (parse_declared_inputs(content, file.string()) && in_tree) {
            findings.push_back({.severity = Severity::warning,
                                .rule = k_rule,
                                .file = file,
                                .message = "'kiln-inputs:' means nothing here: the hook runs in "
                                           "the tree and cannot read files of the host"});
        }
    } catch (const util::Error& error) {
        Finding finding = finding_of(error, k_rule, file);
        finding.severity = Severity::warning;
        findings.push_back(std::move(finding));
    }
}

/// A file that was not meant to run: elements keep data beside their hooks.
bool is_data(const fs::path& file) {
    const bool executable = ::access(file.c_str(), X_OK) == 0;
    const std::string name = file.filename();
    const bool numbered = std::isdigit(static_cast<unsigned char>(name.front())) != 0;
    const bool dotted = name.find('.') != std::string::npos;
    return !executable && !numbered && (dotted || !parse_shebang(content_of(file)));
}

void check_name_and_mode(const fs::path& file, const std::string& reason, Findings& findings) {
    const std::string name = file.filename();
    const bool executable = reason == k_not_executable;
    if (is_data(file)) {
        findings.push_back({.severity = Severity::note,
                            .rule = "hook-data",
                            .file = file,
                            .message = "a file that does not run lies among the hooks; "
                                       "static/ is for files"});
        return;
    }
    findings.push_back(
        {.rule = executable ? "not-executable" : "hook-name",
         .file = file,
         .message = "the hook does not run: " + reason +
                    (executable ? "; mend it with: chmod +x " + file.string()
                     : name.find('.') != std::string::npos ? "; take the dot out of the name"
                                                           : "")});
}

/// Why a file of a phase's folder is not among its hooks.
std::string reason_not_to_run(const fs::path& file) {
    static const std::regex k_name(k_hook_name_pattern);
    std::error_code error;
    if (!fs::is_regular_file(file, error)) {
        return "it is no regular file";
    }
    if (!std::regex_search(file.filename().string(), k_name)) {
        return std::string("its name does not match ") + k_hook_name_pattern;
    }
    return k_not_executable;
}

void check_phase(const fs::path& folder, Findings& findings) {
    const HookList list = list_hooks(folder);
    for (const std::string& name : names_of_entries(folder)) {
        const bool runs = std::find(list.hooks.begin(), list.hooks.end(), name) != list.hooks.end();
        if (!runs && !disables(content_of(folder / name), "executable")) {
            check_name_and_mode(folder / name, reason_not_to_run(folder / name), findings);
        }
    }
    for (const std::string& name : list.hooks) {
        const std::string content = content_of(folder / name);
        if (!is_binary(content)) {
            check_shebang(folder / name, content, findings);
            check_stops(folder / name, content, findings);
            check_declared_inputs(folder / name, content, findings);
        }
    }
}

void check_environment(const fs::path& folder, Findings& findings) {
    const std::vector<std::string> sourced = environment_files(folder);
    for (const std::string& name : names_of_entries(folder)) {
        if (std::find(sourced.begin(), sourced.end(), name) == sourced.end()) {
            check_name_and_mode(folder / name, "its name is none that is sourced", findings);
        }
    }
}

} // namespace

std::vector<ElementScript> environment_fragments(const Element& element) {
    std::vector<ElementScript> fragments;
    const fs::path folder = element.path / "environment.d";
    for (const std::string& name : environment_files(folder)) {
        fragments.push_back(
            {.path = folder / name, .dialect = "bash", .content = content_of(folder / name)});
    }
    return fragments;
}

std::vector<ElementScript> shell_scripts(const Element& element) {
    std::vector<ElementScript> scripts = environment_fragments(element);
    for (const PhaseInfo& info : phases()) {
        const fs::path folder = element.path / hook_directory(info.phase);
        for (const std::string& name : list_hooks(folder).hooks) {
            add_script(folder / name, scripts);
        }
    }
    for (const std::string& name : names_of_entries(element.path / "bin")) {
        add_script(element.path / "bin" / name, scripts);
    }
    return scripts;
}

void lint_hooks(const Element& element, Findings& findings) {
    for (const PhaseInfo& info : phases()) {
        check_phase(element.path / hook_directory(info.phase), findings);
    }
    check_environment(element.path / "environment.d", findings);
}

} // namespace kiln::element
