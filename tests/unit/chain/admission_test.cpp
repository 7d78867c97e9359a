#include "chain/admission.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using chain::Demand;
using chain::next_to_start;

const std::vector<Demand> k_waiting = {{"big", 900}, {"small", 100}};
constexpr chain::Limits k_limits = {.jobs = 3, .memory = 1000};

TEST(Admission, StartsInTheOrderOfTheFile) {
    EXPECT_EQ(next_to_start(k_waiting, {}, k_limits), 0U);
    EXPECT_EQ(next_to_start(k_waiting, {{"a", 100}}, k_limits), 0U);
}

TEST(Admission, ASmallOneGoesBeforeOneThatDoesNotFit) {
    EXPECT_EQ(next_to_start(k_waiting, {{"a", 101}}, k_limits), 1U);
}

TEST(Admission, NoneStartsBeyondTheMemory) {
    EXPECT_EQ(next_to_start(k_waiting, {{"a", 901}}, k_limits), 2U);
}

TEST(Admission, NoneStartsBeyondTheJobs) {
    EXPECT_EQ(next_to_start(k_waiting, {{"a", 1}, {"b", 1}, {"c", 1}}, k_limits), 2U);
}

TEST(Admission, OneThatTakesMoreThanAllRunsAlone) {
    const std::vector<Demand> huge = {{"huge", 5000}};
    EXPECT_EQ(next_to_start(huge, {}, k_limits), 0U);
    EXPECT_EQ(next_to_start(huge, {{"a", 1}}, k_limits), 1U);
    EXPECT_EQ(next_to_start({{"b", 1}}, huge, k_limits), 1U);
}

TEST(Admission, NothingWaits) {
    EXPECT_EQ(next_to_start({}, {}, k_limits), 0U);
}

} // namespace
} // namespace kiln::tests
