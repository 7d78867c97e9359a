#pragma once

#include "element/command_use.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace kiln::element {

/// What a text of the hooks tree says that it uses. Of a text that cannot be judged it says why it
/// may use everything.
struct ScriptFacts {
    /// Each name that a variable or function could have, wherever it stands but in comments; from
    /// comments those behind a dollar sign.
    std::set<std::string> names{};
    /// Each word that a file could have for its name, and the most that a command may do with it.
    std::map<std::string, FileUse> words{};
    /// Beginnings and ends of words that an expansion completes ("kiln-$x", "$unit.service").
    std::set<std::string> prefixes{};
    std::set<std::string> suffixes{};
    /// Paths in the hooks tree without a slash before them. Each stands for all that lies below it;
    /// the empty one for the whole tree.
    std::map<std::string, FileUse> paths{};
    /// Absolute paths, wherever they lead.
    std::set<std::string> absolute_paths{};
    /// What it may run without naming it.
    UnknownFile unknown_file = UnknownFile::none;
    /// Files of elements by themselves, not by the hooks tree.
    bool reads_elements = false;
    /// Files of $_LIB.
    bool reads_library = false;
    /// Why all variables count; empty: they do not.
    std::string all_variables{};
    /// Why all files of the tree count.
    std::string all_files{};
};

/// Facts of a script of sh or bash, or of a text that such a script sources.
ScriptFacts read_script(std::string_view text);

/// Whether it can be read as one: no NUL, and no "#!" line of another interpreter.
bool is_shell_text(std::string_view text);

} // namespace kiln::element
