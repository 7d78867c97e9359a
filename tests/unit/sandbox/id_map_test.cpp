#include "sandbox/id_map.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using sandbox::find_range;
using sandbox::IdRange;

/// "start+count", or "none".
std::string range_in(const std::string& content) {
    const std::optional<IdRange> range = find_range(content, "mia", 1007);
    return range ? std::to_string(range->start) + "+" + std::to_string(range->count) : "none";
}

TEST(FindRange, TakesTheLineOfTheUser) {
    EXPECT_EQ(range_in("root:1:2\nmia:165536:65536\nmiau:3:4\n"), "165536+65536");
}

TEST(FindRange, KnowsTheUserByNumberToo) {
    EXPECT_EQ(range_in("1007:300000:65536"), "300000+65536");
}

TEST(FindRange, IsNothingForOthers) {
    EXPECT_EQ(range_in(""), "none");
    EXPECT_EQ(range_in("max:100000:65536\n"), "none");
    EXPECT_EQ(range_in("mia\nmia:100000\nmia:1:2:3\n# mia\n"), "none");
}

TEST(FindRange, PrefersTheLargest) {
    EXPECT_EQ(range_in("mia:100000:1000\nmia:200000:65536\nmia:300000:65536\n"), "200000+65536");
}

TEST(FindRange, TakesWhatIsNoNumberAsNothing) {
    EXPECT_EQ(range_in("mia:100000:many\n"), "100000+0");
    EXPECT_EQ(range_in("mia:100000:99999999999999999999999\n"), "100000+0");
}

TEST(FindRange, BearsBlanksAndWindowsLineEnds) {
    EXPECT_EQ(range_in("  mia:100000:65536\r\n"), "100000+65536");
}

TEST(FirstFreeId, LiesBehindAllOthers) {
    EXPECT_EQ(sandbox::first_free_id(""), 100000U);
    EXPECT_EQ(sandbox::first_free_id("mia:165536:65536\nmax:100000:65536\n"), 231072U);
    EXPECT_EQ(sandbox::first_free_id("mia:1:2\nno line\n"), 100000U);
}

TEST(IsEnough, TakesTheUserItselfAsOneOf65536) {
    EXPECT_TRUE(sandbox::is_enough(IdRange{.start = 1, .count = 65535}));
    EXPECT_FALSE(sandbox::is_enough(IdRange{.start = 1, .count = 65534}));
    EXPECT_FALSE(sandbox::is_enough(std::nullopt));
}

} // namespace
} // namespace kiln::tests
