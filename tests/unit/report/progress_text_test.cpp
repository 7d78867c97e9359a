#include "report/progress_text.hpp"

#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using report::progress_text;
using std::chrono::milliseconds;

constexpr std::uint64_t k_mib = std::uint64_t{1024} * 1024;

TEST(ProgressText, TellsRateAndTimeLeft) {
    EXPECT_EQ(progress_text(256 * k_mib, 1024 * k_mib, milliseconds(2000)),
              "256 MiB of 1.0 GiB, 128 MiB/s, 6.0 s left");
}

TEST(ProgressText, SaysNoRateBeforeItMeansSomething) {
    EXPECT_EQ(progress_text(k_mib, 4 * k_mib, milliseconds(10)), "1.0 MiB of 4.0 MiB");
}

TEST(ProgressText, TellsNoTimeLeftWhereTheWholeIsNotKnown) {
    EXPECT_EQ(progress_text(2 * k_mib, 0, milliseconds(2000)), "2.0 MiB, 1.0 MiB/s");
}

TEST(ProgressText, NothingDoneIsNothingTold) {
    EXPECT_EQ(progress_text(0, 100, milliseconds(5000)), "");
}

TEST(ProgressText, AllDoneHasNoTimeLeft) {
    EXPECT_EQ(progress_text(2 * k_mib, 2 * k_mib, milliseconds(2000)),
              "2.0 MiB of 2.0 MiB, 1.0 MiB/s");
}

} // namespace
} // namespace kiln::tests
