#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::element {

/// A simple command: words as they are written, with their quotes and expansions; redirections are
/// words of their own (">", "<<<").
struct ShellCommand {
    std::vector<std::string> words{};
    /// Where it stands in the text: from its first word to behind its last.
    std::size_t begin = 0;
    std::size_t end = 0;
    /// Words of a here-document's body are no command, but may be run by one.
    bool here_document = false;
};

/// A script of sh or bash taken apart without running it.
struct ShellCommands {
    /// The script as it was, with blanks in place of comments and of the first line "#!...".
    std::string text{};
    /// What the comments hold.
    std::string comments{};
    /// Those of substitutions and function bodies too; keywords and patterns of "case" are left
    /// out.
    std::vector<ShellCommand> commands{};
    std::set<std::string> functions{};
    /// Whether all quotes, brackets and here-documents are closed. If not, what is told of the
    /// script is a guess, and text is all of it.
    bool sound = true;
};

ShellCommands read_shell(std::string_view script);

} // namespace kiln::element
