#pragma once

#include <string>
#include <string_view>

namespace kiln::store {

/// A random UUID (RFC 9562, version 4), in lower case. Throws util::Error when the kernel gives no
/// random bytes.
std::string new_uuid();

/// Whether the text has the form of a UUID in lower case.
bool is_uuid(std::string_view text);

} // namespace kiln::store
