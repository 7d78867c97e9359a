#pragma once

#include "net/http_client.hpp"

#include <chrono>
#include <string>

namespace kiln::net {

/// "PUT https://host/v2/images/ID/file (1.2 GiB) Content-Type: text/plain, X-Auth-Token: <hidden>".
/// Values of headers and of the query that may be secret are hidden.
std::string debug_line(const HttpRequest& request);

/// "204 req-4711, 0 B in 312 ms", or why there was no whole answer.
std::string
debug_line(const HttpResult& result, std::uint64_t received, std::chrono::milliseconds duration);

} // namespace kiln::net
