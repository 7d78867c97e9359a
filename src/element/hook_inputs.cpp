#include "element/hook_inputs.hpp"

#include "element/environment_fragment.hpp"
#include "element/phase.hpp"
#include "element/script_facts.hpp"
#include "element/unkeyed_variables.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace kiln::element {
namespace {

constexpr std::string_view k_environment = "environment.d/";
constexpr std::string_view k_static = "static";
constexpr int k_longest_chain = 16;

/// What kiln's grub-probe in finalise.d answers from: any hook may call it through update-grub.
constexpr std::array<std::string_view, 5> k_grub_variables = {"KILN_ROOT_PARTITION",
                                                              "KILN_PARTITION_TABLE",
                                                              "KILN_ROOT_UUID",
                                                              "DIB_ROOT_LABEL",
                                                              "DIB_ROOT_FSTYPE"};

bool begins_with(std::string_view text, std::string_view beginning) {
    return text.substr(0, beginning.size()) == beginning;
}

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string base_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

std::string phase_folder(const std::string& path) {
    return path.substr(0, std::min(path.find('/'), path.size()));
}

/// Hooks are run by kiln, not by name from other hooks.
bool is_in_phase(const std::string& path) {
    return phase_by_name(phase_folder(path)).has_value() || begins_with(path, k_environment);
}

bool runs_on_host(const std::string& hook) {
    const std::optional<Phase> phase = phase_by_name(phase_folder(hook));
    return phase && phase_info(*phase).side == Side::host;
}

/// A program of another language that is run through its interpreter needs no "#!" line.
bool has_foreign_name(const std::string& path) {
    constexpr std::array<std::string_view, 5> k_ends = {".py", ".pl", ".rb", ".lua", ".js"};
    return std::any_of(
        k_ends.begin(), k_ends.end(), [&path](auto end) { return ends_with(path, end); });
}

bool is_program(const HooksEntry& entry) {
    return entry.kind == HooksEntryKind::link ||
           (entry.kind == HooksEntryKind::regular &&
            ((entry.mode & 0111U) != 0 || (entry.text && begins_with(*entry.text, "#!"))));
}

/// The name under which a hook knows a variable: that of the function for an exported one.
std::string known_name(const std::string& variable) {
    constexpr std::string_view k_function = "BASH_FUNC_";
    if (!begins_with(variable, k_function)) {
        return variable;
    }
    return variable.substr(k_function.size(), variable.find('%') - k_function.size());
}

} // namespace

/// Finds all that a hook leads to, step by step: scripts that it names, what they name, and the
/// files of environment.d that set what any of them names.
class HookClosure {
public:
    HookClosure(const HooksSnapshot& snapshot, HookInputsReader& reader)
        : snapshot_(snapshot), reader_(reader) {}

    HookInputs find(const std::string& hook, const std::set<std::string>& variables) {
        name(hook);
        add(hook, FileUse::run);
        while (follow_scripts() || follow_held() || follow_environment()) {
        }
        inputs_.reads_elements = inputs_.reads_elements && runs_on_host(hook);
        if (inputs_.sees_all_files) {
            for (const auto& [path, entry] : snapshot_.entries()) {
                inputs_.files.insert(path);
            }
        }
        add_variables(hook, variables);
        return std::move(inputs_);
    }

private:
    void see_everything(const std::string& reason) {
        inputs_.sees_all_files = true;
        inputs_.sees_all_variables = true;
        inputs_.reads_elements = true;
        inputs_.reasons.push_back(reason);
    }

    void add(const std::string& path, FileUse use, int chain = 0) {
        const HooksEntry* entry = snapshot_.find(path);
        if (entry == nullptr) {
            return;
        }
        const auto [known, added] = uses_.emplace(path, use);
        if (!added && known->second >= use) {
            return;
        }
        known->second = use;
        inputs_.files.insert(path);
        if (entry->kind == HooksEntryKind::link) {
            add_target(path, entry->digest, use, chain);
        } else if (entry->kind == HooksEntryKind::directory) {
            add_below(path, use);
        } else if (use == FileUse::run) {
            take(path, *entry);
        }
    }

    /// Of what a folder holds, or a variable names, a text without "#!" or mode is only read as a
    /// script when some script sources what it does not name.
    void take(const std::string& path, const HooksEntry& entry) {
        if (is_program(entry) || named_.count(path) > 0) {
            scripts_.push_back(path);
        } else if (entry.text) {
            unread_.insert(path);
            // A program may put variables in the place of their names.
            const ScriptFacts& facts = reader_.facts_of(entry);
            names_.insert(facts.names.begin(), facts.names.end());
        }
    }

    /// A script may run or source the path by its whole name.
    void name(const std::string& path) {
        named_.insert(path);
        if (unread_.erase(path) > 0) {
            scripts_.push_back(path);
        }
    }

    void add_below(const std::string& folder, FileUse use) {
        const std::string beginning = folder + "/";
        const auto& entries = snapshot_.entries();
        for (auto entry = entries.lower_bound(beginning);
             entry != entries.end() && begins_with(entry->first, beginning);
             ++entry) {
            add(entry->first, use);
        }
    }

    /// A link out of the hooks tree leads to the tree of the build, which counts by itself.
    void add_target(const std::string& link, const std::string& target, FileUse use, int chain) {
        std::filesystem::path path = std::filesystem::path(link).parent_path() / target;
        for (const std::string_view tree : {"/tmp/in_target.d/", "/kiln/build/hooks/"}) {
            if (begins_with(target, tree)) {
                path = target.substr(tree.size());
            }
        }
        if (chain < k_longest_chain && !path.is_absolute()) {
            path = path.lexically_normal();
            if (named_.count(link) > 0) {
                name(path.string());
            }
            add(path.string(), use, chain + 1);
        }
    }

    void add_path(const std::string& path, FileUse use) {
        if (path.empty()) {
            inputs_.sees_all_files = true;
            inputs_.sees_all_variables = inputs_.sees_all_variables || use == FileUse::run;
        } else {
            add(path, use);
        }
    }

    bool follow_scripts() {
        const bool some = !scripts_.empty();
        for (const std::string& path : std::exchange(scripts_, {})) {
            read(path, *snapshot_.find(path));
        }
        return some;
    }

    void read(const std::string& path, const HooksEntry& entry) {
        if (!entry.text || !is_shell_text(*entry.text) || has_foreign_name(path)) {
            if (is_program(entry) || has_foreign_name(path)) {
                see_everything(path + " is no shell script");
            }
            return;
        }
        const ScriptFacts& facts = reader_.facts_of(entry);
        names_.insert(facts.names.begin(), facts.names.end());
        inputs_.reads_elements = inputs_.reads_elements || facts.reads_elements;
        inputs_.reads_library = inputs_.reads_library || facts.reads_library;
        unknown_file_ = std::max(unknown_file_, facts.unknown_file);
        note(path, facts.all_variables, inputs_.sees_all_variables);
        note(path, facts.all_files, inputs_.sees_all_files);
        for (const auto& [named, use] : facts.paths) {
            if (use == FileUse::run) {
                name(named);
            }
            add_path(named, use == FileUse::held ? FileUse::data : use);
            if (use == FileUse::held) {
                held_paths_.insert(named);
            }
        }
        for (const std::string& place : facts.absolute_paths) {
            hold_installed(std::string(k_static) + place);
        }
        follow_words(facts);
    }

    /// static/ was copied over the tree: a script that runs what it finds in a folder runs that.
    void hold_installed(const std::string& path) {
        const HooksEntry* entry = snapshot_.find(path);
        if (entry != nullptr && entry->kind == HooksEntryKind::directory) {
            held_paths_.insert(path);
        }
    }

    void note(const std::string& path, const std::string& reason, bool& flag) {
        if (!reason.empty()) {
            flag = true;
            inputs_.reasons.push_back(path + ": " + reason);
        }
    }

    void follow_words(const ScriptFacts& facts) {
        for (const auto& [path, entry] : snapshot_.entries()) {
            if (is_in_phase(path) || !is_program(entry)) {
                continue;
            }
            const std::string name = base_name(path);
            const auto word = facts.words.find(name);
            if (word != facts.words.end() && word->second == FileUse::held) {
                held_programs_.insert(path);
            } else if ((word != facts.words.end() && word->second == FileUse::run) ||
                       has_fragment(facts, name)) {
                add(path, FileUse::run);
            }
        }
    }

    static bool has_fragment(const ScriptFacts& facts, const std::string& name) {
        const auto begins = [&name](const std::string& part) { return begins_with(name, part); };
        const auto ends = [&name](const std::string& part) { return ends_with(name, part); };
        return std::any_of(facts.prefixes.begin(), facts.prefixes.end(), begins) ||
               std::any_of(facts.suffixes.begin(), facts.suffixes.end(), ends);
    }

    /// What scripts keep the names of may be run by one that runs what it does not name.
    bool follow_held() {
        if (unknown_file_ == UnknownFile::none) {
            return false;
        }
        for (const std::string& path : std::exchange(held_paths_, {})) {
            add_path(path, FileUse::run);
        }
        for (const std::string& path : std::exchange(held_programs_, {})) {
            add(path, FileUse::run);
        }
        if (unknown_file_ == UnknownFile::text) {
            for (const std::string& path : std::exchange(unread_, {})) {
                scripts_.push_back(path);
            }
        }
        return !scripts_.empty();
    }

    bool follow_environment() {
        const auto& entries = snapshot_.entries();
        for (auto entry = entries.lower_bound(std::string(k_environment));
             entry != entries.end() && begins_with(entry->first, k_environment);
             ++entry) {
            if (entry->second.kind != HooksEntryKind::directory && counts(entry->second)) {
                name(entry->first);
                add(entry->first, FileUse::run);
            }
        }
        return !scripts_.empty();
    }

    bool counts(const HooksEntry& entry) {
        if (!entry.text) {
            return true;
        }
        const EnvironmentFragment& fragment = reader_.fragment_of(entry);
        const auto is_named = [this](const std::string& name) { return names_.count(name) > 0; };
        return !fragment.counts_always.empty() ||
               (inputs_.sees_all_variables && !fragment.sets.empty()) ||
               std::any_of(fragment.sets.begin(), fragment.sets.end(), is_named);
    }

    void add_variables(const std::string& hook, const std::set<std::string>& variables) {
        const bool grub = begins_with(hook, "finalise.d/");
        for (const std::string& variable : variables) {
            const bool shim =
                grub && std::find(k_grub_variables.begin(), k_grub_variables.end(), variable) !=
                            k_grub_variables.end();
            if (!is_unkeyed(variable) &&
                (inputs_.sees_all_variables || shim || is_read_by_programs(variable) ||
                 names_.count(known_name(variable)) > 0)) {
                inputs_.variables.insert(variable);
            }
        }
    }

    const HooksSnapshot& snapshot_;
    HookInputsReader& reader_;
    HookInputs inputs_{};
    std::map<std::string, FileUse> uses_{};
    std::vector<std::string> scripts_{};
    std::set<std::string> names_{};
    std::set<std::string> held_paths_{};
    std::set<std::string> held_programs_{};
    /// Paths that a script may run or source by their whole names.
    std::set<std::string> named_{};
    std::set<std::string> unread_{};
    UnknownFile unknown_file_ = UnknownFile::none;
};

HookInputsReader::HookInputsReader() = default;
HookInputsReader::HookInputsReader(HookInputsReader&&) noexcept = default;
HookInputsReader& HookInputsReader::operator=(HookInputsReader&&) noexcept = default;
HookInputsReader::~HookInputsReader() = default;

const ScriptFacts& HookInputsReader::facts_of(const HooksEntry& entry) {
    std::shared_ptr<const ScriptFacts>& facts = facts_[entry.digest];
    if (!facts) {
        facts = std::make_shared<const ScriptFacts>(read_script(*entry.text));
    }
    return *facts;
}

const EnvironmentFragment& HookInputsReader::fragment_of(const HooksEntry& entry) {
    std::shared_ptr<const EnvironmentFragment>& fragment = fragments_[entry.digest];
    if (!fragment) {
        fragment =
            std::make_shared<const EnvironmentFragment>(read_environment_fragment(*entry.text));
    }
    return *fragment;
}

HookInputs HookInputsReader::inputs_of(const HooksSnapshot& snapshot,
                                       const std::string& hook,
                                       const std::set<std::string>& names) {
    return HookClosure(snapshot, *this).find(hook, names);
}

HookInputs inputs_of(const HooksSnapshot& snapshot,
                     const std::string& hook,
                     const std::set<std::string>& names) {
    return HookInputsReader().inputs_of(snapshot, hook, names);
}

} // namespace kiln::element
