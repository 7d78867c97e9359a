#pragma once

#include <cstdint>
#include <string>

namespace kiln::util {

/// "2026-11-28T17:47:00Z": seconds since 1970 as ISO 8601 in UTC.
std::string iso_time(std::int64_t seconds);

} // namespace kiln::util
