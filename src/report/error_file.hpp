#pragma once

#include "util/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kiln::report {

/// One line of JSON without its line end; bytes that are no UTF-8 are replaced.
std::string to_json(const util::ErrorInfo& error);

/// The reverse; nothing when the line is no error.
std::optional<util::ErrorInfo> error_from_json(const std::string& line);

/// The variable that makes kiln tell errors as lines for another kiln, which shows them. Hooks do
/// not get it.
inline constexpr const char* k_error_lines_variable = "_KILN_ERROR_LINES";

/// An error as such a line, and the reverse; nothing for any other line.
std::string error_line(const util::ErrorInfo& error);
std::optional<util::ErrorInfo> error_of_line(std::string_view line);

/// The variable that names the file in which a tool that a hook calls leaves its error.
inline constexpr const char* k_error_file_variable = "KILN_ERROR_FILE";

/// Leaves an error in a file that only its owner reads, in place of an earlier one. What cannot be
/// written is not told: the error itself was.
void write_error_file(const std::string& path, const util::ErrorInfo& error) noexcept;

/// The error in such a file; nothing when there is none, or what lies there is no regular file of a
/// sensible size: hooks can write it.
std::optional<util::ErrorInfo> read_error_file(const std::string& path);

} // namespace kiln::report
