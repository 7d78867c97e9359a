#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::element {

/// No file that describes an element is larger (element-deps, package-installs, pkg-map).
constexpr std::size_t k_largest_element_file = std::size_t{1024} * 1024;

/// The content of a file of an element; nothing when it does not exist. Throws Error (code hook)
/// when it is no regular file, or larger than k_largest_element_file.
std::optional<std::string> read_element_file(const std::filesystem::path& path);

/// A name in element-deps or element-provides, and where it stands (lines count from 1).
struct NameLine {
    std::string name;
    std::size_t line;
};

/// The format of element-deps: a name a line, white space around it does not count, empty lines
/// are skipped. There are no comments.
std::vector<NameLine> parse_name_lines(std::string_view content);

} // namespace kiln::element
