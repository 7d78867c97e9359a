#include "net/retry.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using net::FailureKind;
using net::retry_delay;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Retry, IsForWhatMayBeOverSoon) {
    for (const FailureKind kind : {FailureKind::connection,
                                   FailureKind::cut_short,
                                   FailureKind::stalled,
                                   FailureKind::busy,
                                   FailureKind::changed}) {
        EXPECT_TRUE(net::may_retry(kind));
    }
    for (const FailureKind kind : {FailureKind::refused,
                                   FailureKind::too_large,
                                   FailureKind::untrusted,
                                   FailureKind::bad_address,
                                   FailureKind::unreadable}) {
        EXPECT_FALSE(net::may_retry(kind));
    }
}

TEST(Retry, DelayDoublesUpToTheLongest) {
    const net::RetryPolicy policy = {.first_delay = milliseconds(1000),
                                     .longest_delay = milliseconds(5000)};
    EXPECT_EQ(retry_delay(policy, 1, 0.5, seconds(0)), milliseconds(1000));
    EXPECT_EQ(retry_delay(policy, 2, 0.5, seconds(0)), milliseconds(2000));
    EXPECT_EQ(retry_delay(policy, 3, 0.5, seconds(0)), milliseconds(4000));
    EXPECT_EQ(retry_delay(policy, 4, 0.5, seconds(0)), milliseconds(5000));
    EXPECT_EQ(retry_delay(policy, 1000, 0.5, seconds(0)), milliseconds(5000));
}

TEST(Retry, DelayIsSpreadByAQuarter) {
    const net::RetryPolicy policy;
    EXPECT_EQ(retry_delay(policy, 1, 0, seconds(0)), milliseconds(750));
    EXPECT_EQ(retry_delay(policy, 1, 1, seconds(0)), milliseconds(1250));
}

TEST(Retry, DelayThatTheServerAsksForIsHonouredUpToTheLongest) {
    const net::RetryPolicy policy = {.longest_delay = milliseconds(10000)};
    EXPECT_EQ(retry_delay(policy, 1, 0.5, seconds(7)), milliseconds(7000));
    EXPECT_EQ(retry_delay(policy, 1, 0.5, seconds(3600)), milliseconds(10000));
}

} // namespace
} // namespace kiln::tests
