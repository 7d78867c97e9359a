#pragma once

#include "net/http_client.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace kiln::store {

using SystemTime = std::chrono::system_clock::time_point;

/// "Fri, 20 Nov 2026 22:43:33 GMT" (RFC 9110, section 5.6.7; the obsolete forms are not read).
std::optional<SystemTime> parse_http_date(const std::string& text);

/// "2026-11-20T23:43:33.000000Z", without the fraction.
std::optional<SystemTime> parse_iso_time(const std::string& text);

/// What Retry-After asks for, as seconds or as a date; 0: nothing.
std::chrono::seconds retry_after(const net::HttpAnswer& answer, SystemTime now);

/// Answers that may be over soon and come from servers that are full or from what stands before
/// them: 429, 502, 503, 504.
bool is_busy(long status);

} // namespace kiln::store
