#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln::element {

/// A variable that hooks see, but whose value is no input of what they build.
struct UnkeyedVariable {
    std::string_view name;
    /// Why, for the manual.
    std::string_view reason;
};

/// The one table of them.
const std::vector<UnkeyedVariable>& unkeyed_variables();

bool is_unkeyed(const std::string& name);

} // namespace kiln::element
