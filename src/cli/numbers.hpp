#pragma once

#include <string>

namespace kiln::cli {

/// A number of zero or more; throws util::Error (code usage) that names the option.
double positive_number(const std::string& text, const std::string& option);

} // namespace kiln::cli
