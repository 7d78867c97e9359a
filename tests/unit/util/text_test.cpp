#include "util/edit_distance.hpp"
#include "util/text.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Text, SplitKeepsEmptyParts) {
    EXPECT_THAT(util::split("a::b:", ':'), ElementsAre("a", "", "b", ""));
    EXPECT_THAT(util::split("", ':'), ElementsAre(""));
}

TEST(Text, SplitWordsDropsWhiteSpace) {
    EXPECT_THAT(util::split_words(" \t a  b\n"), ElementsAre("a", "b"));
    EXPECT_THAT(util::split_words("  "), IsEmpty());
}

TEST(Text, TrimTakesWhiteSpaceFromBothEnds) {
    EXPECT_EQ(util::trim("\t a b \n"), "a b");
    EXPECT_EQ(util::trim(" \n"), "");
}

TEST(Text, JoinPutsTheSeparatorBetween) {
    EXPECT_EQ(util::join({"a", "", "b"}, ", "), "a, , b");
    EXPECT_EQ(util::join({}, ", "), "");
}

TEST(Text, ReplaceAllDoesNotReplaceWhatItWrote) {
    EXPECT_EQ(util::replace_all("aXaX", "X", "XX"), "aXXaXX");
    EXPECT_EQ(util::replace_all("abc", "", "x"), "abc");
}

TEST(Text, BytesAreShownInBinaryUnits) {
    EXPECT_EQ(util::human_bytes(0), "0 B");
    EXPECT_EQ(util::human_bytes(1536), "1.5 KiB");
    EXPECT_EQ(util::human_bytes(958'398'464), "914 MiB");
    EXPECT_EQ(util::human_bytes(std::uint64_t{5} << 50U), "5120 TiB");
}

TEST(Text, DurationsAreShownInSecondsThenMinutes) {
    EXPECT_EQ(util::human_duration(milliseconds(400)), "0.4 s");
    EXPECT_EQ(util::human_duration(milliseconds(125'000)), "2 min 5 s");
}

TEST(Text, ShellQuoteLeavesPlainWordsAlone) {
    EXPECT_EQ(util::shell_quote("/usr/bin/x-1.2"), "/usr/bin/x-1.2");
    EXPECT_EQ(util::shell_quote("it's $HOME"), "'it'\\''s $HOME'");
    EXPECT_EQ(util::shell_quote(""), "''");
}

TEST(Text, LastLinesDoesNotCountTheLastLineEnd) {
    EXPECT_THAT(util::last_lines("a\nb\nc\n", 2), ElementsAre("b", "c"));
    EXPECT_THAT(util::last_lines("a", 5), ElementsAre("a"));
    EXPECT_THAT(util::last_lines("", 5), IsEmpty());
}

TEST(EditDistance, CountsChangesAndSwaps) {
    EXPECT_EQ(util::edit_distance("", "abc"), 3U);
    EXPECT_EQ(util::edit_distance("kitten", "sitting"), 3U);
    EXPECT_EQ(util::edit_distance("instlal", "install"), 1U);
}

TEST(EditDistance, OffersOnlyWordsThatAreNear) {
    EXPECT_EQ(util::did_you_mean("pahse", {"when", "phase"}), "did you mean 'phase'?");
    EXPECT_EQ(util::did_you_mean("zzzzz", {"when", "phase"}, "no idea"), "no idea");
}

TEST(EditDistance, TakesTheFirstOfEquallyNearWords) {
    EXPECT_EQ(util::nearest("vmx", {"vma", "vmb"}), "vma");
}

TEST(EditDistance, IsNotTriedOnWordsOfMegabytes) {
    const std::string long_word(64 * 1024 * 1024, 'a');
    EXPECT_EQ(util::nearest(long_word, {std::string(255, 'a')}), std::nullopt);
}

} // namespace
} // namespace kiln::tests
