#pragma once

#include <map>
#include <string>
#include <vector>

namespace kiln::element {

/// No hook needs more; a declaration of more is a mistake.
inline constexpr std::size_t k_most_input_files = 20000;

/// Reads files and folders of the host, folders with all that is in them. Each path gets one line:
/// kind, mode, digest of the content. What is not there is "absent", what may not be read is told
/// by size and time. Links count with their text and with what they lead to. Throws Error when
/// there are more than k_most_input_files.
std::map<std::string, std::string> describe_input_files(const std::vector<std::string>& paths);

/// Hexadecimal SHA-256 of that.
std::string digest_of_inputs(const std::vector<std::string>& paths);

} // namespace kiln::element
