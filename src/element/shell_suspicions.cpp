#include "element/shell_suspicions.hpp"

#include "element/command_use.hpp"
#include "element/shell_letters.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::element {
namespace {

using Words = std::vector<std::string>;

bool is_dynamic(std::string_view text) {
    return text.find_first_of("$`") != std::string_view::npos;
}

void note(std::string& reason, const std::string& found) {
    if (reason.empty()) {
        reason = found;
    }
}

/// Calls action with each place where name stands as a name of its own.
template <typename Action>
void for_each_name(std::string_view text, std::string_view name, Action action) {
    for (std::size_t place = text.find(name); place != std::string_view::npos;
         place = text.find(name, place + 1)) {
        if ((place == 0 || !is_name(text[place - 1])) && !is_name(at(text, place + name.size()))) {
            action(place);
        }
    }
}

std::string_view rest_of_line(std::string_view text, std::size_t place) {
    return text.substr(place, std::min(text.find('\n', place), text.size()) - place);
}

/// Programs and variables that give the whole environment away.
void look_for_names(std::string_view text, ScriptFacts& facts) {
    constexpr std::array<std::string_view, 6> k_names = {
        "printenv", "environ", "ENVIRON", "envsubst", "DIB_ENV", "getenv"};
    for (const std::string_view name : k_names) {
        if (facts.names.count(std::string(name)) > 0) {
            note(facts.all_variables, "it uses '" + std::string(name) + "'");
        }
    }
    for (const std::string_view name : {"%ENV", "process.env"}) {
        if (text.find(name) != std::string_view::npos) {
            note(facts.all_variables, "it uses '" + std::string(name) + "'");
        }
    }
    for (const char* name :
         {"ELEMENTS_PATH", "KILN_ELEMENTS_PATH", "IMAGE_ELEMENT_YAML", "get_image_element_array"}) {
        facts.reads_elements = facts.reads_elements || facts.names.count(name) > 0;
    }
    facts.reads_library = facts.names.count("_LIB") > 0;
}

/// "compgen -v" and the like; "compgen -G" looks for files.
void look_for_compgen(std::string_view text, ScriptFacts& facts) {
    for_each_name(text, "compgen", [&](std::size_t place) {
        if (text.substr(place, 11) != "compgen -G ") {
            note(facts.all_variables, "it uses 'compgen'");
        }
    });
}

/// "${!NAME}"; not "${!ARRAY[@]}".
void look_for_indirection(std::string_view text, ScriptFacts& facts) {
    for (std::size_t place = text.find("${!"); place != std::string_view::npos;
         place = text.find("${!", place + 1)) {
        std::size_t end = place + 3;
        while (is_name(at(text, end))) {
            ++end;
        }
        const std::string_view keys = text.substr(end, 4);
        if (keys != "[@]}" && keys != "[*]}") {
            note(facts.all_variables, "it uses '${!...}'");
        }
    }
}

/// "eval" of what its text does not tell. The one with the list of elements is diskimage-builder's
/// own way to get at it.
void look_for_eval(std::string_view text, ScriptFacts& facts) {
    for_each_name(text, "eval", [&](std::size_t place) {
        constexpr std::string_view k_elements = "$(get_image_element_array)";
        const char before = place == 0 ? '\n' : text[place - 1];
        std::string line(rest_of_line(text, place));
        const std::size_t known = line.find(k_elements);
        if (known != std::string::npos) {
            line.erase(known, k_elements.size());
        }
        if (before != '-' && before != '.' && before != '/' && before != '$' &&
            (is_dynamic(line) || line.back() == '\\')) {
            note(facts.all_variables, "it uses 'eval'");
        }
    });
}

/// Whether "env" with these words behind it prints the environment rather than start a program.
bool prints(std::string_view rest) {
    for (std::size_t place = 0; place < rest.size();) {
        if (rest[place] == ' ' || rest[place] == '\t') {
            ++place;
            continue;
        }
        const std::size_t end = std::min(rest.find_first_of(" \t", place), rest.size());
        const std::string_view word = rest.substr(place, end - place);
        const bool skipped = word.front() == '-' || word.find('=') != std::string_view::npos;
        if (!skipped) {
            return std::string_view("|>;&)<\"'`").find(word.front()) != std::string_view::npos;
        }
        place = end;
    }
    return true;
}

void look_for_env(std::string_view text, ScriptFacts& facts) {
    for_each_name(text, "env", [&](std::size_t place) {
        const std::string_view path = "/usr/bin/";
        const bool with_path =
            place >= path.size() && text.substr(place - path.size(), path.size()) == path;
        const char before = place == 0 ? '\n' : text[place - 1];
        const bool in_word = std::string_view("-./$@+{=").find(before) != std::string_view::npos;
        const char behind = at(text, place + 3);
        const bool goes_on = std::string_view("-./=@+").find(behind) != std::string_view::npos;
        if ((with_path || !in_word) && !goes_on && prints(rest_of_line(text, place + 3))) {
            note(facts.all_variables, "it uses 'env'");
        }
    });
}

/// Builtins that print all variables when they get no name.
void look_at_builtins(const Words& words, ScriptFacts& facts) {
    constexpr std::array<std::string_view, 5> k_printers = {
        "export", "declare", "typeset", "readonly", "set"};
    if (std::find(k_printers.begin(), k_printers.end(), words.front()) == k_printers.end()) {
        return;
    }
    const auto is_argument = [&words](const std::string& word) {
        return (word.front() != '-' &&
                std::string_view("<>&|").find(word.front()) == std::string_view::npos) ||
               words.front() == "set";
    };
    const auto stop = std::find_if(words.begin() + 1, words.end(), [](const std::string& word) {
        return word.find_first_of("<>") == 0;
    });
    if (std::none_of(words.begin() + 1, stop, is_argument)) {
        note(facts.all_variables, "it uses '" + words.front() + "' without names");
    }
}

/// "declare -n NAME=$other".
void look_at_references(const Words& words, ScriptFacts& facts) {
    if (words.front() != "declare" && words.front() != "typeset" && words.front() != "local") {
        return;
    }
    const auto refers = [](const std::string& word) {
        return word.front() == '-' && word.find('n') != std::string::npos;
    };
    if (std::any_of(words.begin() + 1, words.end(), refers)) {
        note(facts.all_variables, "it uses '" + words.front() + " -n'");
    }
}

/// A sourced file without a constant name may use any variable.
void look_at_sources(const Words& words, ScriptFacts& facts) {
    if ((words.front() != "source" && words.front() != ".") || words.size() < 2) {
        return;
    }
    const std::string file = unquoted(words[1]);
    const std::size_t slash = file.rfind('/');
    const std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
    if (is_dynamic(name) || file.find_first_of("<(") == 0) {
        note(facts.all_variables, "it sources '" + file + "'");
    }
}

/// "bash -c $text".
void look_at_shells(const Words& words, ScriptFacts& facts) {
    const std::string name = words.front().substr(words.front().rfind('/') + 1);
    if (name != "bash" && name != "sh" && name != "dash") {
        return;
    }
    for (std::size_t place = 1; place + 1 < words.size(); ++place) {
        const std::string text = unquoted(words[place + 1]);
        if (words[place].front() == '-' && words[place].back() == 'c' && !text.empty() &&
            text.front() == '$' && text.find(' ') == std::string::npos) {
            note(facts.all_variables, "it runs '" + text + "'");
        }
    }
}

/// What a program of kiln's reads. Others than these read the elements and any variable.
void look_at_own_program(const Words& words, ScriptFacts& facts) {
    if (unquoted(words.front()) != "$KILN" && unquoted(words.front()) != "${KILN}") {
        return;
    }
    const std::string tool = words.size() > 2 && words[1] == "tool" ? words[2] : "";
    if (tool == "base-image") {
        // base/image_source.cpp
        for (const char* name : {"ARCH",
                                 "BASE_IMAGE_FILE",
                                 "DIB_CLOUD_IMAGES",
                                 "DIB_FLAVOR",
                                 "DIB_LOCAL_IMAGE",
                                 "DIB_RELEASE",
                                 "DISTRO_NAME",
                                 "KILN_BASE_CHECKSUMS",
                                 "KILN_BASE_DIGEST",
                                 "KILN_BASE_KEYRING",
                                 "KILN_BASE_KIND",
                                 "KILN_BASE_SIGNATURE",
                                 "KILN_BASE_UNSIGNED",
                                 "SHA256SUMS"}) {
            facts.names.insert(name);
        }
    } else if (tool != "tree-path") {
        facts.reads_elements = true;
        note(facts.all_variables, "it calls kiln");
        note(facts.all_files, "it calls kiln");
    }
}

void look_at(const ShellCommand& command, ScriptFacts& facts) {
    const Words words = effective_words(command);
    if (command.here_document || words.empty() || words.front().empty()) {
        return;
    }
    look_at_builtins(words, facts);
    look_at_references(words, facts);
    look_at_sources(words, facts);
    look_at_shells(words, facts);
    look_at_own_program(words, facts);
}

/// Commands that only print or match what they are given.
bool is_harmless_with_own_path(const ShellCommand& command) {
    static const std::set<std::string_view> k_names = {
        "basename", "echo", "printf", "awk", "gawk", "mawk", "perl", "sed", "<<"};
    return !command.words.empty() && k_names.count(command.words.front()) > 0;
}

const ShellCommand* innermost(const ShellCommands& script, std::size_t place) {
    const ShellCommand* found = nullptr;
    for (const ShellCommand& command : script.commands) {
        if (command.begin <= place && place < command.end &&
            (found == nullptr || command.end - command.begin < found->end - found->begin)) {
            found = &command;
        }
    }
    return found;
}

/// From its own path a hook finds its neighbours.
void look_for_own_path(const ShellCommands& script, ScriptFacts& facts) {
    for (const std::string_view name : {"$0", "${0", "BASH_SOURCE"}) {
        for (std::size_t place = script.text.find(name); place != std::string::npos;
             place = script.text.find(name, place + 1)) {
            const ShellCommand* command = innermost(script, place);
            const bool number = is_name(at(script.text, place + name.size()));
            const bool base = script.text.compare(place, 7, "${0##*/") == 0;
            if (!number && !base && (command == nullptr || !is_harmless_with_own_path(*command))) {
                note(facts.all_files, "it uses its own path");
            }
        }
    }
}

/// Whether a command may go into the hooks tree.
bool may_enter(const ShellCommand& command) {
    const Words words = effective_words(command);
    if (words.size() < 2 || (words.front() != "cd" && words.front() != "pushd")) {
        return false;
    }
    const std::string folder = unquoted(words.back());
    const bool target =
        folder.compare(0, 12, "$TARGET_ROOT") == 0 || folder.compare(0, 15, "$TMP_MOUNT_PATH") == 0;
    return !target && (is_dynamic(folder) || folder.find("in_target.d") != std::string::npos);
}

/// The word of a path around a place.
std::string_view path_around(std::string_view text, std::size_t place) {
    constexpr std::string_view k_ends = " \t\n=:;|&()<>";
    const std::size_t before = text.find_last_of(k_ends, place);
    const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
    return text.substr(start, std::min(text.find_first_of(k_ends, place), text.size()) - start);
}

/// The folder above something in the hooks tree.
void look_for_parents(const ShellCommands& script, ScriptFacts& facts) {
    if (facts.paths.empty()) {
        return;
    }
    const std::string& text = script.text;
    const bool enters = std::any_of(script.commands.begin(), script.commands.end(), may_enter);
    for (std::size_t place = text.find(".."); place != std::string::npos;
         place = text.find("..", place + 2)) {
        const std::string_view path = path_around(text, place);
        const bool component =
            (place == 0 || (!is_name(text[place - 1]) && text[place - 1] != '.')) &&
            !is_name(at(text, place + 2)) && at(text, place + 2) != '.';
        const bool relative = path.empty() || (path.front() != '/' && !is_dynamic(path));
        const bool absolute = !path.empty() && path.front() == '/' && !is_dynamic(path);
        if (component && !absolute && (!relative || enters)) {
            note(facts.all_files, "it uses '" + std::string(path) + "'");
        }
    }
    if (facts.names.count("dirname") > 0 || text.find("%/*") != std::string::npos) {
        note(facts.all_files, "it uses the folder of a path");
    }
}

/// The hooks tree lies in /tmp: who goes through all of that finds it without its name.
void look_for_its_folder(std::string_view text, ScriptFacts& facts) {
    constexpr std::string_view k_folder = "/tmp";
    for (std::size_t place = text.find(k_folder); place != std::string_view::npos;
         place = text.find(k_folder, place + 1)) {
        const bool whole = place == 0 || (!is_name(text[place - 1]) && text[place - 1] != '/');
        const char next = at(text, place + k_folder.size());
        const char after = at(text, place + k_folder.size() + 1);
        const bool open = next == '/' ? !is_name(after) && after != '.' && after != '-'
                                      : !is_name(next) && next != '.' && next != '-';
        if (whole && open) {
            note(facts.all_files, "it uses all of /tmp");
        }
    }
}

} // namespace

void add_suspicions(const ShellCommands& script, ScriptFacts& facts) {
    if (!script.sound) {
        note(facts.all_variables, "its text cannot be read as shell");
        note(facts.all_files, "its text cannot be read as shell");
    }
    if (facts.paths.count("") > 0) {
        note(facts.all_files, "it names the hooks tree without a constant path");
    }
    look_for_names(script.text, facts);
    look_for_compgen(script.text, facts);
    look_for_indirection(script.text, facts);
    look_for_eval(script.text, facts);
    look_for_env(script.text, facts);
    look_for_its_folder(script.text, facts);
    for (const ShellCommand& command : script.commands) {
        look_at(command, facts);
    }
    look_for_own_path(script, facts);
    look_for_parents(script, facts);
}

} // namespace kiln::element
