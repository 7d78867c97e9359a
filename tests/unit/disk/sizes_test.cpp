#include "disk/sizes.hpp"

#include <gtest/gtest.h>

namespace kiln::disk {
namespace {

TEST(Sizes, units_are_those_of_diskimage_builder) {
    EXPECT_EQ(parse_size("154MiB"), 154U * 1024 * 1024);
    EXPECT_EQ(parse_size("198"), 198U);
    EXPECT_EQ(parse_size("20TiB"), 20ULL << 40U);
    EXPECT_EQ(parse_size("1024KiB"), 1024U * 1024);
    EXPECT_EQ(parse_size("1.2TB"), 1'200'000'000'000U);
    EXPECT_EQ(parse_size("2.4T"), 2'400'000'000'000U);
    EXPECT_EQ(parse_size("512B"), 512U);
    EXPECT_EQ(parse_size("364"), 364U);
}

TEST(Sizes, other_text_is_no_size) {
    for (const char* text : {"747InVaLiDUnIt", "_+!HuHi+-=", "", "MiB", "-5M", "1e30T", "nan"}) {
        EXPECT_EQ(parse_size(text), std::nullopt) << text;
    }
}

} // namespace
} // namespace kiln::disk
