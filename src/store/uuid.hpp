#pragma once

#include <string>

namespace kiln::store {

/// A random UUID (RFC 9562, version 4), in lower case. Throws util::Error when the kernel gives no
/// random bytes.
std::string new_uuid();

} // namespace kiln::store
