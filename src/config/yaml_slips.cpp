#include "config/yaml_slips.hpp"

#include <regex>

namespace kiln::config {
namespace {

/// A plain scalar goes on over lines, so that a reader notices the slip later.
constexpr std::size_t k_lines_before = 3;
constexpr std::size_t k_longest_line = 500;

} // namespace

std::optional<Slip> slip_in(const std::string& text, std::size_t line) {
    static const std::regex k_blank_before(R"(^(\s*(?:- )?)([\w.\-]+)\s+:(\S.*)$)");
    static const std::regex k_no_blank(R"(^(\s*(?:- )?)([A-Za-z_][\w.\-]*):([^\s:/].*)$)");
    std::smatch parts;
    if (text.empty() || text.size() > k_longest_line) {
        return std::nullopt;
    }
    const std::size_t first = text.find_first_not_of(' ');
    if (first != std::string::npos && text[first] == '\t') {
        return Slip{line, first, "a tab; YAML indents by blanks only", ""};
    }
    if (std::regex_match(text, parts, k_blank_before) ||
        std::regex_match(text, parts, k_no_blank)) {
        const std::size_t column = text.find(':', static_cast<std::size_t>(parts.position(2)));
        return Slip{line,
                    column,
                    "no blank after the ':' of '" + parts[2].str() + "'",
                    parts[2].str() + ": " + parts[3].str()};
    }
    return std::nullopt;
}

std::optional<Slip> slip_before(const std::vector<std::string>& lines, std::size_t line) {
    for (std::size_t back = 0; back <= k_lines_before && back <= line; ++back) {
        const std::size_t index = line - back;
        if (index >= lines.size()) {
            continue;
        }
        if (std::optional<Slip> slip = slip_in(lines[index], index)) {
            return slip;
        }
    }
    return std::nullopt;
}

} // namespace kiln::config
