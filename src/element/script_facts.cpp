#include "element/script_facts.hpp"

#include "element/hook_file.hpp"
#include "element/hook_paths.hpp"
#include "element/shell_commands.hpp"
#include "element/shell_letters.hpp"
#include "element/shell_suspicions.hpp"

#include <algorithm>
#include <vector>

namespace kiln::element {
namespace {

bool is_file_name(char c) {
    return is_name(c) || std::string_view(".@+-").find(c) != std::string_view::npos;
}

void add_use(std::map<std::string, FileUse>& uses, const std::string& name, FileUse use) {
    const auto [found, added] = uses.emplace(name, use);
    if (!added) {
        found->second = std::max(found->second, use);
    }
}

/// For each character of the text what the innermost command around it may do with a file.
class Uses {
public:
    explicit Uses(const ShellCommands& script) : uses_(script.text.size(), FileUse::run) {
        std::vector<const ShellCommand*> commands;
        for (const ShellCommand& command : script.commands) {
            commands.push_back(&command);
        }
        const auto is_longer = [](const ShellCommand* left, const ShellCommand* right) {
            return left->end - left->begin > right->end - right->begin;
        };
        std::stable_sort(commands.begin(), commands.end(), is_longer);
        for (const ShellCommand* command : commands) {
            const std::size_t end = std::min(command->end, uses_.size());
            std::fill(uses_.begin() + static_cast<std::ptrdiff_t>(std::min(command->begin, end)),
                      uses_.begin() + static_cast<std::ptrdiff_t>(end),
                      use_of(*command));
        }
    }

    [[nodiscard]] FileUse at(std::size_t place) const {
        return place < uses_.size() ? uses_[place] : FileUse::run;
    }

private:
    std::vector<FileUse> uses_;
};

std::set<std::string> names_found_in(std::string_view text) {
    std::set<std::string> names;
    for (std::size_t place = 0; place < text.size();) {
        std::size_t end = place;
        while (is_name(at(text, end))) {
            ++end;
        }
        if (end > place && is_first(text[place])) {
            names.emplace(text.substr(place, end - place));
        }
        place = std::max(end, place + 1);
    }
    return names;
}

/// Names behind dollar signs.
std::set<std::string> expansions_in(std::string_view text) {
    std::set<std::string> names;
    for (std::size_t place = text.find('$'); place != std::string_view::npos;
         place = text.find('$', place + 1)) {
        std::size_t start = place + 1;
        while (at(text, start) == '{' || at(text, start) == '!' || at(text, start) == '#') {
            ++start;
        }
        std::size_t end = start;
        while (is_name(at(text, end))) {
            ++end;
        }
        names.emplace(text.substr(start, end - start));
    }
    names.erase("");
    return names;
}

std::set<std::string> absolute_paths_in(std::string_view text) {
    const auto is_path = [](char c) { return is_file_name(c) || c == '/'; };
    std::set<std::string> paths;
    for (std::size_t place = 0; place < text.size();) {
        std::size_t end = place;
        while (is_path(at(text, end))) {
            ++end;
        }
        const std::size_t last = text.find_last_not_of('/', end == 0 ? 0 : end - 1);
        if (end > place && text[place] == '/' && last != std::string_view::npos && last > place) {
            paths.emplace(text.substr(place, last + 1 - place));
        }
        place = std::max(end, place + 1);
    }
    return paths;
}

bool is_expansion_start(char c) {
    return c == '$' || c == '`';
}

/// Words that a file could have for its name.
class WordFinder {
public:
    WordFinder(std::string_view text, const Uses& uses, ScriptFacts& facts)
        : text_(text), uses_(uses), facts_(facts) {}

    void find() {
        for (std::size_t place = 0; place < text_.size();) {
            std::size_t end = place;
            while (is_file_name(at(text_, end))) {
                ++end;
            }
            if (end > place) {
                add(place, end);
            }
            place = std::max(end, place + 1);
        }
    }

private:
    void add(std::size_t place, std::size_t end) {
        const FileUse use = uses_.at(place);
        if (place > 0 && text_[place - 1] == '$') {
            while (place < end && is_name(text_[place])) {
                ++place;
            }
            add_suffix(place, end, use);
            return;
        }
        const std::string word(text_.substr(place, end - place));
        add_use(facts_.words, word, use);
        // "file." at the end of a sentence, "-file" as an option.
        const std::size_t first = word.find_first_not_of(".-+");
        const std::size_t last = word.find_last_not_of(".-+");
        if (first != std::string::npos) {
            add_use(facts_.words, word.substr(first, last - first + 1), use);
        }
        add_fragments(place, end, use);
    }

    void add_fragments(std::size_t place, std::size_t end, FileUse use) {
        std::size_t behind = end;
        while (at(text_, behind) == '"' || at(text_, behind) == '\'') {
            ++behind;
        }
        if (is_expansion_start(at(text_, behind)) && use != FileUse::data && end - place > 1) {
            facts_.prefixes.emplace(text_.substr(place, end - place));
        }
        std::size_t before = place;
        while (before > 0 && (text_[before - 1] == '"' || text_[before - 1] == '\'')) {
            --before;
        }
        const char left = before > 0 ? text_[before - 1] : '\n';
        if (left == '}' || left == ')' || left == '`' || (before < place && is_name(left))) {
            add_suffix(place, end, use);
        }
    }

    void add_suffix(std::size_t place, std::size_t end, FileUse use) {
        if (end > place + 1 && use != FileUse::data) {
            facts_.suffixes.emplace(text_.substr(place, end - place));
        }
    }

    std::string_view text_;
    const Uses& uses_;
    ScriptFacts& facts_;
};

void add_paths(const ShellCommands& script, const Uses& uses, ScriptFacts& facts) {
    for (const HookPath& found : hook_paths(script.text)) {
        add_use(facts.paths, found.path, uses.at(found.offset));
    }
}

} // namespace

bool is_shell_text(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) {
        return false;
    }
    const std::optional<Shebang> shebang = parse_shebang(text);
    return !shebang || shell_dialect(*shebang).has_value();
}

ScriptFacts read_script(std::string_view text) {
    const ShellCommands script = read_shell(text);
    const Uses uses(script);
    ScriptFacts facts;
    facts.names = names_found_in(script.text);
    facts.names.merge(expansions_in(script.comments));
    facts.absolute_paths = absolute_paths_in(script.text);
    WordFinder(script.text, uses, facts).find();
    add_paths(script, uses, facts);
    for (const ShellCommand& command : script.commands) {
        facts.unknown_file = std::max(facts.unknown_file, unknown_file_of(command));
    }
    add_suspicions(script, facts);
    return facts;
}

} // namespace kiln::element
