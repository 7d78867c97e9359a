#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln::element {

/// What the first line of a program says.
struct Shebang {
    /// The name of the interpreter without its folder: "bash", "python3".
    std::string interpreter{};
    /// As it stands there, without "#!".
    std::string text{};
    bool absolute = true;
    bool carriage_return = false;
};

/// Nothing for a text that does not begin with "#!".
std::optional<Shebang> parse_shebang(std::string_view text);

/// "bash", "sh", "dash" or "ksh" of a script for such a shell, else nothing.
std::optional<std::string> shell_dialect(const Shebang& shebang);

/// Whether it is the name of an interpreter that one meets.
bool is_known_interpreter(const std::string& name);

/// Whether a shell script stops at the first error: "set -e", "set -o errexit", "#!/bin/sh -e".
bool stops_at_errors(std::string_view script);

/// Whether a comment "dib-lint: disable=NAME ..." or "kiln-lint: disable=NAME ..." has the name.
bool disables(std::string_view script, std::string_view name);

} // namespace kiln::element
