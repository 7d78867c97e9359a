#pragma once

#include "element/catalog.hpp"
#include "process/command.hpp"

#include <string>
#include <vector>

namespace kiln::element {

/// What hooks learn about the elements of the image, in the order of the list:
/// IMAGE_ELEMENT (names between blanks), IMAGE_ELEMENT_YAML ("name: path" lines), and the bash
/// function get_image_element_array, which prints "[name]=path [name]=path " for
/// `eval declare -A elements=($(get_image_element_array))`.
process::Environment element_environment(const std::vector<Element>& elements);

/// The reverse of IMAGE_ELEMENT_YAML; throws Error (code usage) when the text is not of that form.
std::vector<Element> parse_element_yaml(const std::string& text);

} // namespace kiln::element
