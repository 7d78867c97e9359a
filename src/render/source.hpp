#pragma once

#include <string>

namespace kiln::render {

/// A template's text that knows where its parts stand.
struct Source {
    const std::string& text;
    const std::string& name;

    /// Throws util::Error (code usage): "name:line:column: what", the line and a mark below.
    [[noreturn]] void
    fail(std::size_t offset, const std::string& what, const std::string& hint = {}) const;
};

} // namespace kiln::render
