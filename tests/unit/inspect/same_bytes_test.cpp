#include "disk/raw_file.hpp"
#include "inspect/same_bytes.hpp"
#include "support.hpp"

namespace kiln::inspect {
namespace {

constexpr std::uint64_t k_size = 8 * 1024 * 1024;

class SameBytes : public testing::Test {
protected:
    std::string make(const std::string& name, const std::vector<disk::Patch>& patches) {
        const disk::RawFile file = disk::RawFile::create(files / name, k_size);
        file.write(patches);
        return files / name;
    }

    static std::optional<std::uint64_t> compare(const std::string& a, const std::string& b) {
        return first_difference(a, b, {});
    }

    tests::TestFiles files;
};

TEST_F(SameBytes, are_found_whatever_is_a_hole) {
    const std::string hole = make("hole", {});
    EXPECT_EQ(compare(hole, make("zeros", {{.offset = 4096, .bytes = std::string(50000, '\0')}})),
              std::nullopt);
}

TEST_F(SameBytes, end_at_the_first_other_byte) {
    const std::string a = make("a", {{.offset = 5000000, .bytes = "abc"}});
    const std::string b = make("b", {{.offset = 5000000, .bytes = "abX"}});
    EXPECT_EQ(compare(a, b), 5000002U);
    EXPECT_EQ(compare(make("hole", {}), a), 5000000U);
    EXPECT_EQ(compare(a, make("hole", {})), 5000000U);
    EXPECT_EQ(
        compare(a,
                make("last",
                     {{.offset = 5000000, .bytes = "abc"}, {.offset = k_size - 1, .bytes = "x"}})),
        k_size - 1);
}

TEST_F(SameBytes, end_with_the_shorter_file) {
    EXPECT_EQ(compare(files.write("short", "ab"), files.write("long", "abc")), 2U);
    EXPECT_EQ(compare(files.write("empty", ""), files.write("long", "abc")), 0U);
    EXPECT_EQ(compare(files / "long", files / "long"), std::nullopt);
}

} // namespace
} // namespace kiln::inspect
