#include "util/natural_order.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kiln::tests {
namespace {

TEST(NaturalOrder, VersionsStandAsPeopleSortThem) {
    const std::vector<std::string> sorted = {"",
                                             "1.9",
                                             "1.10",
                                             "1.10-1",
                                             "2",
                                             "10",
                                             "20261101",
                                             "20261128-090000",
                                             "20261128-174700",
                                             "a2",
                                             "a10"};
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        for (std::size_t j = 0; j < sorted.size(); ++j) {
            const int order = util::natural_compare(sorted[i], sorted[j]);
            EXPECT_EQ(order < 0, i < j) << sorted[i] << " " << sorted[j];
            EXPECT_EQ(order > 0, i > j) << sorted[i] << " " << sorted[j];
        }
    }
}

TEST(NaturalOrder, LeadingZerosDoNotCount) {
    EXPECT_EQ(util::natural_compare("007", "7"), 0);
    EXPECT_LT(util::natural_compare("007", "8"), 0);
}

TEST(NaturalOrder, NumbersOfAnyLengthAreCompared) {
    EXPECT_LT(util::natural_compare("99999999999999999999998", "99999999999999999999999"), 0);
}

} // namespace
} // namespace kiln::tests
