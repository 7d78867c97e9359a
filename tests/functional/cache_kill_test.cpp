#include "cache_kill.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

/// A fifth of the moments each.
class CacheAfterAKill : public testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Part, CacheAfterAKill, testing::Range(1, 6));

TEST_P(CacheAfterAKill, GivesTheRightImage) {
    if (!reason_to_skip(current_user()).empty()) {
        GTEST_SKIP() << reason_to_skip(current_user());
    }
    kill_at_random_moments(10, current_user());
}

TEST(CacheOfAPlainUserAfterAKill, GivesTheRightImage) {
    if (!reason_to_skip(User::plain).empty()) {
        GTEST_SKIP() << reason_to_skip(User::plain);
    }
    kill_at_random_moments(10, User::plain);
}

} // namespace
} // namespace kiln::tests
