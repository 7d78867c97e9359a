#pragma once

#include <chrono>

namespace kiln::net {

/// Why a transfer did not succeed.
enum class FailureKind {
    none,
    /// No connection, or it broke.
    connection,
    /// Less came than was announced.
    cut_short,
    /// Too slow for too long.
    stalled,
    /// 408, 425, 429 and 5xx: may be over soon.
    busy,
    /// The part that is here does not belong to the file that is there now.
    changed,
    /// Any other answer than what was asked for.
    refused,
    /// More than the limit.
    too_large,
    /// The server's certificate.
    untrusted,
    /// A redirect that is not followed, an address that cannot be used.
    bad_address,
    /// The file here cannot be read (file://).
    unreadable
};

/// Whether the same request may succeed a little later.
bool may_retry(FailureKind kind);

/// How often and how soon a request is made again.
struct RetryPolicy {
    /// Requests in a row that bring nothing new; the first counts.
    int tries = 5;
    std::chrono::milliseconds first_delay{1000};
    std::chrono::milliseconds longest_delay{30000};
};

/// How long to wait after so many failures in a row (1 and up): doubles each time, with a quarter
/// more or less by jitter (0 to 1), so that many machines do not come back at once. What the
/// server asked for (Retry-After; 0: nothing) is honoured up to the longest delay.
std::chrono::milliseconds
retry_delay(const RetryPolicy& policy, int failures, double jitter, std::chrono::seconds asked);

} // namespace kiln::net
