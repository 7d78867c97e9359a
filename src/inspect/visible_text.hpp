#pragma once

#include <string>
#include <string_view>

namespace kiln::inspect {

/// Bytes of a foreign image as text that is safe to show and can be turned back: UTF-8 stays,
/// control characters and what is no UTF-8 become \xNN, a backslash is doubled.
std::string visible_text(std::string_view bytes);

/// The value of an extended attribute as people read it: file capabilities ("cap_net_raw=ep") and
/// POSIX ACLs ("user::rw-,user:1000:r--") in their own notation, others as visible text without the
/// final zero.
std::string attribute_text(const std::string& name, const std::string& value);

} // namespace kiln::inspect
