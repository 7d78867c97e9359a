#include "cache_kill.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

class ManyKills : public AsUser {};

INSTANTIATE_TEST_SUITE_P(As, ManyKills, testing::Values(User::root, User::plain), user_name);

TEST_P(ManyKills, LeaveARightCache) {
    kill_at_random_moments(75, GetParam());
}

} // namespace
} // namespace kiln::tests
