#include "element/environment_fragment.hpp"

#include "element/command_use.hpp"
#include "element/shell_commands.hpp"
#include "element/shell_names.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace kiln::element {
namespace {

using Words = std::vector<std::string>;

constexpr std::array<std::string_view, 3> k_prefixes = {"DIB_", "KILN_", "GRUB_"};

/// Names without such a prefix that only elements know.
const std::set<std::string_view>& names_of_elements() {
    static const std::set<std::string_view> k_names = {"IMAGE_NAME",
                                                       "IMAGE_ELEMENT",
                                                       "IMAGE_ELEMENT_YAML",
                                                       "IMAGE_BLOCK_DEVICE",
                                                       "IMAGE_BLOCK_DEVICES",
                                                       "IMAGE_BLOCK_DEVICE_WITHOUT_PART",
                                                       "BASE_IMAGE_FILE",
                                                       "BASE_IMAGE_TAR",
                                                       "SHA256SUMS",
                                                       "DISTRO_NAME",
                                                       "FS_TYPE",
                                                       "EFI_BOOT_DIR",
                                                       "RUN_PARTS_REGEX",
                                                       "ACI_MANIFEST",
                                                       "NO_SOURCE_REPOSITORIES",
                                                       "RAMDISK_ELEMENT",
                                                       "TMP_BUILD_DIR",
                                                       "TMP_IMAGE_DIR",
                                                       "TMP_HOOKS_PATH",
                                                       "TMP_MOUNT_PATH",
                                                       "TARGET_ROOT",
                                                       "YUM"};
    return k_names;
}

/// They change nothing but variables, and messages.
bool is_harmless(const std::string& name) {
    static const std::set<std::string_view> k_names = {
        "[",     "[[",      "]]",       "test",  "case",  "for",      "export", "declare",
        "local", "typeset", "readonly", "unset", "echo",  "printf",   "return", "exit",
        "true",  "false",   ":",        "shift", "break", "continue", "read",   "function"};
    return k_names.count(name) > 0;
}

/// "set -eux", "set +o xtrace": ends with the shell that reads the file.
bool is_passing_option(const Words& words) {
    static const std::set<std::string_view> k_names = {
        "errexit", "nounset", "xtrace", "pipefail", "errtrace"};
    return words.size() > 1 &&
           std::all_of(words.begin() + 1, words.end(), [](const std::string& word) {
               const bool sign = !word.empty() && (word.front() == '-' || word.front() == '+');
               return sign ? word.size() > 1 &&
                                 word.find_first_not_of("euxo", 1) == std::string::npos
                           : k_names.count(word) > 0;
           });
}

/// What a redirection writes to is not known unless it is a stream or nothing.
bool writes_file(const Words& words) {
    for (std::size_t place = 0; place + 1 < words.size(); ++place) {
        const std::string& sign = words[place];
        const std::string target = unquoted(words[place + 1]);
        const bool writes = !sign.empty() && sign.find_first_not_of("<>&|") == std::string::npos &&
                            sign.find('>') != std::string::npos;
        if (writes && target != "/dev/null" && target != "/dev/stderr" && target != "1" &&
            target != "2") {
            return true;
        }
    }
    return false;
}

/// Why a command counts for every hook; empty when it does not.
std::string objection(const ShellCommand& command, const std::set<std::string>& functions) {
    const Words words = effective_words(command);
    if (writes_file(words)) {
        return "it writes a file";
    }
    if (words.empty() || command.here_document ||
        words.front().find_first_not_of("<>&|") == std::string::npos) {
        return "";
    }
    const std::string& name = words.front();
    if (name == "export" && std::find(words.begin(), words.end(), "-f") != words.end()) {
        return "it exports a function";
    }
    if (is_harmless(name) || functions.count(name) > 0 ||
        (name == "set" && is_passing_option(words))) {
        return "";
    }
    return "it runs '" + name + "'";
}

void add_unset(const ShellCommand& command, std::set<std::string>& sets) {
    const Words words = effective_words(command);
    if (!words.empty() && words.front() == "unset") {
        sets.insert(words.begin() + 1, words.end());
    }
}

} // namespace

bool is_read_by_programs(const std::string& name) {
    const auto begins = [&name](std::string_view prefix) {
        return name.compare(0, prefix.size(), prefix) == 0;
    };
    return names_of_elements().count(name) == 0 &&
           std::none_of(k_prefixes.begin(), k_prefixes.end(), begins) &&
           !begins("BASH_FUNC_get_image_element_array");
}

EnvironmentFragment read_environment_fragment(std::string_view text) {
    const ShellNames names = scan_shell(text);
    const ShellCommands script = read_shell(text);
    EnvironmentFragment fragment{.sets = names.assigned};
    fragment.sets.insert(script.functions.begin(), script.functions.end());
    if (names.opaque || !script.sound) {
        fragment.counts_always = "its text cannot be judged";
    }
    for (const ShellCommand& command : script.commands) {
        add_unset(command, fragment.sets);
        if (fragment.counts_always.empty()) {
            fragment.counts_always = objection(command, script.functions);
        }
    }
    for (const std::string& name : fragment.sets) {
        if (fragment.counts_always.empty() && script.functions.count(name) == 0 &&
            is_read_by_programs(name)) {
            fragment.counts_always = "it sets '" + name + "'";
        }
    }
    return fragment;
}

} // namespace kiln::element
