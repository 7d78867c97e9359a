#include "element/declared_inputs.hpp"

#include "element/shell_letters.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cctype>

namespace kiln::element {
namespace {

constexpr std::string_view k_mark = "kiln-inputs:";
constexpr std::string_view k_none = "none";

/// The length of NAME in "$NAME" and "$NAME/file"; 0 when there is none.
std::size_t name_length(std::string_view word) {
    std::size_t end = 1;
    while (end < word.size() && is_name(word[end])) {
        ++end;
    }
    const bool begins = word.size() > 1 && std::isdigit(static_cast<unsigned char>(word[1])) == 0;
    return begins && (end == word.size() || word[end] == '/') ? end - 1 : 0;
}

bool has_parent(std::string_view path) {
    const std::vector<std::string> parts = util::split(path, '/');
    return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

/// Why a word is none that may stand there; empty when it may.
std::string objection(const std::string& word) {
    if (word.find_first_of("*?[]{}\"'\\`;|&<>()") != std::string::npos) {
        return "patterns and quotes mean nothing here; name the folder";
    }
    if (has_parent(word)) {
        return "write the path without '..'";
    }
    if (word.front() == '$') {
        return name_length(word) > 0 ? "" : "write $NAME or $NAME/file";
    }
    if (word.find('$') != std::string::npos) {
        return "a variable may only stand at the beginning";
    }
    if (word.front() == '/' || word.compare(0, 2, "~/") == 0) {
        return "";
    }
    return "write an absolute path, ~/file, $VARIABLE, or 'none' alone";
}

void add_words(std::string_view text, const std::string& place, DeclaredInputs& inputs) {
    const auto refuse = [&place](const std::string& what, const std::string& hint) {
        throw util::Error({.what = place + what, .hint = hint, .code = util::ExitCode::usage});
    };
    const std::vector<std::string> words = util::split_words(text);
    if (words.empty()) {
        refuse("'kiln-inputs:' names nothing",
               "write 'none' when the hook reads no file of the host");
    }
    if (words.size() == 1 && words.front() == k_none) {
        return;
    }
    for (const std::string& word : words) {
        const std::string found = objection(word);
        if (!found.empty()) {
            refuse("'" + word + "' is no input", found);
        }
        inputs.words.push_back(word);
    }
}

/// The value of the variable at the beginning with what follows; nothing when it is not known.
std::optional<std::string> expanded(const std::string& word, const InputPlaces& places) {
    if (word.front() == '~') {
        return places.home.empty() ? std::nullopt
                                   : std::make_optional(places.home + word.substr(1));
    }
    if (word.front() != '$') {
        return word;
    }
    const std::size_t length = name_length(word);
    const std::string name = word.substr(1, length);
    if (places.unknown.count(name) > 0) {
        return std::nullopt;
    }
    const auto value = places.environment.find(name);
    const bool is_set = value != places.environment.end() && !value->second.empty();
    return is_set ? value->second + word.substr(length + 1) : "";
}

} // namespace

std::optional<DeclaredInputs> parse_declared_inputs(std::string_view script,
                                                    const std::string& file) {
    std::optional<DeclaredInputs> inputs;
    std::size_t number = 0;
    for (const std::string& line : util::split(script, '\n')) {
        ++number;
        std::string_view text = util::trim(line);
        if (text.empty()) {
            continue;
        }
        if (text.front() != '#') {
            break;
        }
        text = util::trim(text.substr(1));
        if (text.substr(0, k_mark.size()) == k_mark) {
            inputs = inputs.value_or(DeclaredInputs{});
            add_words(
                text.substr(k_mark.size()), file + ":" + std::to_string(number) + ": ", *inputs);
        }
    }
    return inputs;
}

std::optional<std::vector<std::string>> input_paths(const DeclaredInputs& inputs,
                                                    const InputPlaces& places) {
    std::set<std::string> paths;
    for (const std::string& word : inputs.words) {
        const std::optional<std::string> path = expanded(word, places);
        if (!path || (!path->empty() && path->front() != '/')) {
            return std::nullopt;
        }
        paths.insert(*path);
    }
    paths.erase("");
    return std::vector<std::string>(paths.begin(), paths.end());
}

} // namespace kiln::element
