#pragma once

#include "element/catalog.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::element {

/// A variable that an element documents.
struct DocumentedVariable {
    std::vector<std::string> names{};
    std::string default_value{};
    std::string meaning{};
};

/// What an element's README tells, for people.
struct Readme {
    std::filesystem::path file{};
    /// The first sentence.
    std::string purpose{};
    /// The first paragraph.
    std::string summary{};
    /// Rows of a Markdown table whose first column is "variable"; in reStructuredText, terms of
    /// definition lists that are names of variables.
    std::vector<DocumentedVariable> variables{};
};

Readme parse_readme(std::string_view text);

/// README.md, README.rst, README or README.txt of an element, the first that is there.
std::optional<std::filesystem::path> readme_path(const Element& element);

/// Nothing when the element has none, or it is no readable file of a sane size.
std::optional<Readme> load_readme(const Element& element);

} // namespace kiln::element
