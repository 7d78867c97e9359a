#pragma once

#include "element/catalog.hpp"
#include "element/finding.hpp"

#include <vector>

namespace kiln::element {

/// Adds a warning for each variable that a shell hook of the element uses without a default though
/// nothing sets it: neither the hook, nor environment.d of the element or of those that it needs,
/// nor kiln, and no README of these tells a user to. Where another element of the catalog sets it,
/// a note. elements: the element and what it needs.
void lint_variables(const Element& element,
                    const std::vector<Element>& elements,
                    const Catalog& catalog,
                    std::vector<Finding>& findings);

} // namespace kiln::element
