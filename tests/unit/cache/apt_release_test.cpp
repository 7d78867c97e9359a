#include "cache/apt_release.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using cache::parse_release;
using testing::ElementsAre;
using testing::Pair;

const std::string k_a(64, 'a');
const std::string k_b(64, 'b');
const std::string k_c(64, 'c');

TEST(AptRelease, TakesTheDigestsOfPackagesFiles) {
    const auto release = parse_release("Date: Sat, 11 Jul 2026 10:16:37 UTC\n"
                                       "Architectures: all amd64\n"
                                       "MD5Sum:\n 0123 1 main/binary-amd64/Packages\n"
                                       "SHA256:\n"
                                       " " +
                                       k_b +
                                       " 10 main/binary-amd64/Packages.gz\n"
                                       " " +
                                       k_a +
                                       " 20 main/binary-amd64/Packages\n"
                                       " " +
                                       k_c +
                                       " 20 main/Contents-amd64\n"
                                       " " +
                                       k_c +
                                       " 30 ./Packages\n"
                                       " short 30 contrib/binary-amd64/Packages\n"
                                       " " +
                                       k_c + " 30 main/Packages.d/readme\n");
    EXPECT_THAT(release.digests,
                ElementsAre(Pair("Packages", k_c), Pair("main/binary-amd64/Packages", k_a)));
    EXPECT_EQ(release.date, 1783764997);
    EXPECT_FALSE(release.has_valid_until);
    EXPECT_TRUE(release.has_all());
}

TEST(AptRelease, TakesAPackedIndexWhereTheUnpackedOneIsNotListed) {
    const auto release = parse_release("SHA256:\n"
                                       " " +
                                       k_a +
                                       " 1 main/binary-amd64/Packages.gz\n"
                                       " " +
                                       k_b +
                                       " 1 main/binary-amd64/Packages.xz\n"
                                       " " +
                                       k_c + " 1 main/binary-amd64/Packages.diff/Index\n");
    EXPECT_THAT(release.digests, ElementsAre(Pair("main/binary-amd64/Packages", k_b)));
}

TEST(AptRelease, TellsWhetherThereIsAnIndexOfAll) {
    EXPECT_TRUE(parse_release("Suite: x\n").has_all());
    EXPECT_FALSE(parse_release("Architectures: amd64\n").has_all());
    EXPECT_FALSE(parse_release("Architectures: all amd64\n"
                               "No-Support-for-Architecture-all: Packages\n")
                     .has_all());
}

TEST(AptRelease, TellsAnExpiryThatIsNotUnderstood) {
    const auto release = parse_release("Valid-Until: tomorrow\n");
    EXPECT_TRUE(release.has_valid_until);
    EXPECT_EQ(release.valid_until, std::nullopt);
}

TEST(AptRelease, ReadsDatesInUniversalTimeOnly) {
    EXPECT_EQ(cache::parse_date("Thu, 01 Jan 1970 00:01:00 GMT"), 60);
    EXPECT_EQ(cache::parse_date("Thu, 01 Jan 1970 00:01:00 +0000"), 60);
    EXPECT_EQ(cache::parse_date("Thu, 01 Jan 1970 00:01:00 CET"), std::nullopt);
    EXPECT_EQ(cache::parse_date("1970-01-01"), std::nullopt);
    EXPECT_EQ(cache::parse_date(""), std::nullopt);
}

TEST(AptRelease, StandsInASignedText) {
    EXPECT_EQ(cache::without_signature("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
                                       "Suite: x\n- -dash\n-----BEGIN PGP SIGNATURE-----\nabc\n"),
              "Suite: x\n-dash\n");
    EXPECT_EQ(cache::without_signature("Suite: x\n"), "Suite: x\n");
}

} // namespace
} // namespace kiln::tests
