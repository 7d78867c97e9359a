#pragma once

#include "element/catalog.hpp"
#include "element/finding.hpp"

#include <vector>

namespace kiln::build {

/// What is wrong with the block-device-*.yaml files of an element.
std::vector<element::Finding> lint_layouts(const element::Element& element);

} // namespace kiln::build
