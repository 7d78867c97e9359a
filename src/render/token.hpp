#pragma once

#include <string>
#include <vector>

namespace kiln::render {

enum class TokenKind { text, variable, section, inverted, end };

/// A part of a template, free of its syntax.
struct Token {
    TokenKind kind = TokenKind::text;
    /// Of a text: what is put out. Of others: the name as messages show it.
    std::string text{};
    /// The keys that lead to the value; none is the value that a section is at.
    std::vector<std::string> path{};
    /// Where it stands in the template.
    std::size_t offset = 0;
    /// Whether neighbours in path may be one key with a dot in it.
    bool dotted = false;
};

using Tokens = std::vector<Token>;

/// What both syntaxes take for white space.
constexpr const char* k_white_space = " \t\n\v\f\r";

} // namespace kiln::render
