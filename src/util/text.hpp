#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::util {

/// The parts between separators, empty ones included.
std::vector<std::string> split(std::string_view text, char separator);

/// The words between runs of white space.
std::vector<std::string> split_words(std::string_view text);

std::string_view trim(std::string_view text);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// All occurrences of from become to.
std::string replace_all(std::string text, std::string_view from, std::string_view to);

/// "parent/name".
std::string child_path(std::string_view parent, std::string_view name);

/// "914 MiB", "1.2 GiB": binary units, as qemu-img prints them.
std::string human_bytes(std::uint64_t bytes);

/// "0.4 s", "12.3 s", "2 min 5 s".
std::string human_duration(std::chrono::milliseconds duration);

/// The text with what a POSIX shell would interpret quoted.
std::string shell_quote(std::string_view text);

/// The last count lines of text, without their line ends.
std::vector<std::string> last_lines(std::string_view text, std::size_t count);

} // namespace kiln::util
