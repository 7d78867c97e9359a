#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace kiln::element {

/// The variables of a shell script, as far as reading without running tells.
struct ShellNames {
    /// Set anywhere: assignments, export, local, read, for, printf -v and the like.
    std::set<std::string> assigned{};
    /// Used with a default or a test for being set ("${X:-}", "${X:?}", "-v X").
    std::set<std::string> guarded{};
    /// Other uses, and the line of the first.
    std::map<std::string, std::size_t> used{};
    /// It runs text or files that are not known ("eval", "source"), which may set anything.
    bool opaque = false;
};

/// Reads a script of sh or bash. Comments, single quotes and quoted here-documents count as text.
ShellNames scan_shell(std::string_view script);

} // namespace kiln::element
