#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace kiln::inspect {

/// Where the first byte is that two files do not share; the end of the shorter one when it is the
/// start of the other; nothing when they are the same. Holes of both are not read. on_wait is
/// called now and then; it may throw.
std::optional<std::uint64_t>
first_difference(const std::string& a, const std::string& b, const std::function<void()>& on_wait);

} // namespace kiln::inspect
