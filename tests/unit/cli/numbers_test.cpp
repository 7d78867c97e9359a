#include "cli/numbers.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using cli::positive_number;
using ::testing::HasSubstr;

TEST(PositiveNumber, MayHaveAFraction) {
    EXPECT_EQ(positive_number("0", "--x"), 0);
    EXPECT_EQ(positive_number("2", "--x"), 2);
    EXPECT_EQ(positive_number("2.5", "--x"), 2.5);
}

TEST(PositiveNumber, IsNothingElse) {
    for (const char* text : {"", " 1", "1 ", "1G", "-1", "nan", "inf", "1e16", "0x10", "1,5"}) {
        const util::ErrorInfo error = error_of([&] { positive_number(text, "--image-size"); });
        EXPECT_EQ(error.code, util::ExitCode::usage) << text;
        EXPECT_THAT(error.what, HasSubstr("--image-size: '" + std::string(text) + "'"));
    }
}

} // namespace
} // namespace kiln::tests
