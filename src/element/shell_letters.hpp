#pragma once

#include <cstddef>
#include <string_view>

namespace kiln::element {

/// Letters as the shell sees them (POSIX.1-2017, Shell Command Language, 2.2 to 2.5).
constexpr bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// What a name may begin with.
constexpr bool is_first(char c) {
    return is_name(c) && (c < '0' || c > '9');
}

/// A carriage return too: scripts come from other systems.
constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

/// The letter at a place; the end of a line after the end.
constexpr char at(std::string_view text, std::size_t place) {
    return place < text.size() ? text[place] : '\n';
}

} // namespace kiln::element
