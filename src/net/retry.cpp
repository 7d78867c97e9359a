#include "net/retry.hpp"

#include <algorithm>

namespace kiln::net {

using std::chrono::milliseconds;

bool may_retry(FailureKind kind) {
    switch (kind) {
    case FailureKind::connection:
    case FailureKind::cut_short:
    case FailureKind::stalled:
    case FailureKind::busy:
    case FailureKind::changed:
        return true;
    case FailureKind::none:
    case FailureKind::refused:
    case FailureKind::too_large:
    case FailureKind::untrusted:
    case FailureKind::bad_address:
    case FailureKind::unreadable:
        return false;
    }
    return false;
}

milliseconds
retry_delay(const RetryPolicy& policy, int failures, double jitter, std::chrono::seconds asked) {
    constexpr int k_most_doublings = 20;
    const int doublings = std::clamp(failures - 1, 0, k_most_doublings);
    const auto grown =
        static_cast<double>(policy.first_delay.count()) * static_cast<double>(1U << doublings);
    const auto capped = std::min(grown, static_cast<double>(policy.longest_delay.count()));
    const auto own = milliseconds(static_cast<long>(capped * (0.75 + 0.5 * jitter)));
    return std::max(own, std::min(milliseconds(asked), policy.longest_delay));
}

} // namespace kiln::net
