#include "element/readme.hpp"

#include "element/element_file.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cctype>

namespace kiln::element {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

bool is_blank_line(const std::string& line) {
    return util::trim(line).empty();
}

/// The line under (or above) a title of reStructuredText: "=====".
bool is_rule(const std::string& line) {
    const std::string_view text = util::trim(line);
    return text.size() > 2 && std::ispunct(static_cast<unsigned char>(text.front())) != 0 &&
           text.find_first_not_of(text.front()) == std::string_view::npos;
}

bool begins_paragraph(const Lines& lines, std::size_t at) {
    const std::string& line = lines[at];
    const bool title =
        line.front() == '#' || is_rule(line) || (at + 1 < lines.size() && is_rule(lines[at + 1]));
    return !title && line.rfind("..", 0) != 0 && line.front() != '|' && line.front() != '<';
}

std::string first_paragraph(const Lines& lines) {
    std::size_t at = 0;
    while (at < lines.size() && (is_blank_line(lines[at]) || !begins_paragraph(lines, at))) {
        ++at;
    }
    std::vector<std::string> words;
    for (; at < lines.size() && !is_blank_line(lines[at]); ++at) {
        const std::vector<std::string> more = util::split_words(lines[at]);
        words.insert(words.end(), more.begin(), more.end());
    }
    return util::join(words, " ");
}

std::string first_sentence(const std::string& paragraph) {
    const std::size_t end = paragraph.find(". ");
    return end == std::string::npos ? paragraph : paragraph.substr(0, end + 1);
}

bool is_variable_name(std::string_view text) {
    const auto fits = [](unsigned char c) {
        return std::isupper(c) != 0 || std::isdigit(c) != 0 || c == '_';
    };
    return text.size() > 3 && std::isupper(static_cast<unsigned char>(text.front())) != 0 &&
           std::all_of(text.begin(), text.end(), fits);
}

/// "`A`, `B`" and "A / B": all words that could name a variable.
std::vector<std::string> variable_names(std::string_view text) {
    std::string plain(text);
    std::replace_if(
        plain.begin(),
        plain.end(),
        [](unsigned char c) { return c != '_' && std::isalnum(c) == 0; },
        ' ');
    std::vector<std::string> names = util::split_words(plain);
    names.erase(std::remove_if(names.begin(),
                               names.end(),
                               [](const std::string& name) { return !is_variable_name(name); }),
                names.end());
    return names;
}

/// The cells between the bars of a Markdown table's row.
std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    for (const std::string& cell : util::split(util::trim(line), '|')) {
        cells.emplace_back(util::trim(cell));
    }
    return cells.size() < 3 ? std::vector<std::string>{}
                            : std::vector<std::string>(cells.begin() + 1, cells.end() - 1);
}

/// Rows of two columns have no default.
void add_row(const std::vector<std::string>& cells, Readme& readme) {
    DocumentedVariable variable{.names = variable_names(cells.front())};
    if (variable.names.empty() || cells.size() < 2) {
        return;
    }
    variable.default_value = cells.size() > 2 ? cells[1] : "";
    variable.meaning = cells.size() > 2 ? cells[2] : cells[1];
    readme.variables.push_back(std::move(variable));
}

/// A term of a definition list: a name on a line of its own, and what is indented below it.
void add_term(const Lines& lines, std::size_t at, Readme& readme) {
    const std::vector<std::string> words = util::split_words(lines[at]);
    const std::vector<std::string> names = variable_names(lines[at]);
    const bool has_text = at + 1 < lines.size() && !is_blank_line(lines[at + 1]) &&
                          lines[at + 1].front() == ' ' && lines[at].front() != ' ';
    if (has_text && names.size() == 1 && words.size() <= 2) {
        readme.variables.push_back(
            {.names = names, .meaning = std::string(util::trim(lines[at + 1]))});
    }
}

} // namespace

Readme parse_readme(std::string_view text) {
    const Lines lines = util::split(text, '\n');
    Readme readme{.summary = first_paragraph(lines)};
    readme.purpose = first_sentence(readme.summary);
    bool in_table = false;
    for (std::size_t at = 0; at < lines.size(); ++at) {
        const bool row = lines[at].rfind('|', 0) == 0;
        const std::vector<std::string> cells =
            row ? cells_of(lines[at]) : std::vector<std::string>{};
        if (cells.empty()) {
            in_table = false;
            add_term(lines, at, readme);
        } else if (!in_table) {
            in_table = util::trim(cells.front()) == "variable";
        } else {
            add_row(cells, readme);
        }
    }
    return readme;
}

std::optional<fs::path> readme_path(const Element& element) {
    for (const char* name : {"README.md", "README.rst", "README", "README.txt"}) {
        std::error_code error;
        if (fs::is_regular_file(element.path / name, error)) {
            return element.path / name;
        }
    }
    return std::nullopt;
}

std::optional<Readme> load_readme(const Element& element) {
    const std::optional<fs::path> file = readme_path(element);
    if (!file) {
        return std::nullopt;
    }
    try {
        Readme readme = parse_readme(read_element_file(*file).value_or(""));
        readme.file = *file;
        return readme;
    } catch (const util::Error&) {
        return std::nullopt;
    }
}

} // namespace kiln::element
