#include "net/transfer.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using net::FailureKind;

TEST(Transfer, ContentRangeIsReadWhole) {
    const auto range = net::parse_content_range("bytes 5-9/10");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->start, 5U);
    EXPECT_EQ(range->total, 10U);
}

TEST(Transfer, ContentRangeThatMakesNoSenseIsNone) {
    for (const char* text : {"",
                             "bytes */10",
                             "bytes 5-/10",
                             "bytes 9-5/10",
                             "bytes 5-9/*",
                             "bytes 5-9/9",
                             "items 5-9/10",
                             "bytes -5/10",
                             "bytes 5-99999999999999999999/10"}) {
        EXPECT_FALSE(net::parse_content_range(text)) << text;
    }
}

TEST(Transfer, StatusTellsWhatMayBeTriedAgain) {
    EXPECT_EQ(net::failure_of_status(200), FailureKind::none);
    EXPECT_EQ(net::failure_of_status(206), FailureKind::none);
    EXPECT_EQ(net::failure_of_status(404), FailureKind::refused);
    EXPECT_EQ(net::failure_of_status(401), FailureKind::refused);
    EXPECT_EQ(net::failure_of_status(416), FailureKind::changed);
    EXPECT_EQ(net::failure_of_status(429), FailureKind::busy);
    EXPECT_EQ(net::failure_of_status(503), FailureKind::busy);
    EXPECT_EQ(net::failure_of_status(0), FailureKind::refused);
}

} // namespace
} // namespace kiln::tests
