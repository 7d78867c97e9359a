#pragma once

#include "element/shell_commands.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace kiln::element {

/// What a command may do with the files that it names.
enum class FileUse {
    /// It reads or copies them ("install", "grep", "[").
    data,
    /// It keeps their names in variables; what becomes of them other commands tell.
    held,
    /// It may run or source them: every command that is not known to do less.
    run
};

FileUse use_of(const ShellCommand& command);

/// A file whose name the text of a command does not tell.
enum class UnknownFile {
    none,
    /// A program: "$program", "./tool", "run-parts DIR", "xargs env".
    program,
    /// Any text: "source "$file"", "bash "$file"", "eval".
    text
};

UnknownFile unknown_file_of(const ShellCommand& command);

/// The words without assignments before them, and without commands that only run others ("exec",
/// "env A=1", "timeout 5").
std::vector<std::string> effective_words(const ShellCommand& command);

/// A word without its quotes and backslashes.
std::string unquoted(const std::string& word);

/// "NAME=...", "NAME+=...", "NAME[...]=...".
bool is_assignment(const std::string& word);

} // namespace kiln::element
