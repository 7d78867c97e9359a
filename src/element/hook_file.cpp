#include "element/hook_file.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <regex>
#include <vector>

namespace kiln::element {
namespace {

constexpr std::array<std::string_view, 22> k_interpreters = {
    "bash", "sh",  "dash", "ash",  "ksh", "zsh",   "busybox", "perl", "ruby",   "awk", "gawk",
    "mawk", "sed", "make", "node", "lua", "tclsh", "php",     "pwsh", "expect", "env", "guile"};

constexpr std::array<std::string_view, 4> k_dialects = {"bash", "sh", "dash", "ksh"};

std::string_view first_line(std::string_view text) {
    return text.substr(0, text.find('\n'));
}

bool begins_option_e(const std::string& word) {
    return word.size() > 1 && word[0] == '-' && word[1] != '-' &&
           word.find('e') != std::string::npos;
}

/// The words of a command that begins a line.
bool is_set_e(const std::string& line) {
    std::vector<std::string> words = util::split_words(line);
    if (words.size() < 2 || words.front() != "set") {
        return false;
    }
    for (std::size_t i = 1; i < words.size() && words[i].front() != '#'; ++i) {
        const bool named = words[i].rfind("errexit", 0) == 0;
        const bool option = words[i - 1].back() == 'o' && words[i - 1].front() == '-';
        if ((named && option) || (begins_option_e(words[i]) && !named)) {
            return true;
        }
    }
    return false;
}

} // namespace

std::optional<Shebang> parse_shebang(std::string_view text) {
    if (text.substr(0, 2) != "#!") {
        return std::nullopt;
    }
    std::string_view line = first_line(text).substr(2);
    Shebang shebang;
    if (!line.empty() && line.back() == '\r') {
        shebang.carriage_return = true;
        line.remove_suffix(1);
    }
    shebang.text = util::trim(line);
    std::vector<std::string> words = util::split_words(shebang.text);
    shebang.absolute = !words.empty() && words.front().front() == '/';
    for (const std::string& word : words) {
        const std::string name = std::filesystem::path(word).filename();
        if (name != "env" && word.front() != '-' && word.find('=') == std::string::npos) {
            shebang.interpreter = name;
            break;
        }
    }
    return shebang;
}

std::optional<std::string> shell_dialect(const Shebang& shebang) {
    const auto* const found = std::find(k_dialects.begin(), k_dialects.end(), shebang.interpreter);
    return found == k_dialects.end() ? std::nullopt : std::optional<std::string>(*found);
}

bool is_known_interpreter(const std::string& name) {
    static const std::regex k_python(R"(^(python|pypy|perl|ruby|lua)[0-9.]*$)");
    return std::find(k_interpreters.begin(), k_interpreters.end(), name) != k_interpreters.end() ||
           std::regex_match(name, k_python);
}

bool stops_at_errors(std::string_view script) {
    const std::vector<std::string> first = util::split_words(first_line(script));
    if (first.size() > 1 && begins_option_e(first.back())) {
        return true;
    }
    for (const std::string& line : util::split(script, '\n')) {
        const std::vector<std::string> commands = util::split(line, ';');
        if (std::any_of(commands.begin(), commands.end(), is_set_e)) {
            return true;
        }
    }
    return false;
}

bool disables(std::string_view script, std::string_view name) {
    for (const std::string& line : util::split(script, '\n')) {
        const std::size_t at = line.find("-lint: disable=");
        if (at == std::string::npos || line.find('#') > at) {
            continue;
        }
        std::string list = line.substr(line.find('=', at) + 1);
        std::replace(list.begin(), list.end(), ',', ' ');
        const std::vector<std::string> words = util::split_words(list);
        if (std::find(words.begin(), words.end(), name) != words.end()) {
            return true;
        }
    }
    return false;
}

} // namespace kiln::element
