#pragma once

#include <string_view>

namespace kiln::util {

/// Compares as people sort versions: runs of digits by their value, the rest by its bytes
/// ("1.9" < "1.10"). Less than, equal to or greater than zero.
int natural_compare(std::string_view left, std::string_view right);

} // namespace kiln::util
