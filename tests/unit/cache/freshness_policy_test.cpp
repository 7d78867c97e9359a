#include "cache/freshness_policy.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using cache::FreshnessPolicy;
using cache::parse_freshness;
using std::chrono::hours;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;

using Kind = FreshnessPolicy::Kind;

TEST(FreshnessPolicy, IsReadFromItsText) {
    EXPECT_EQ(parse_freshness("check", "--freshness").kind, Kind::check);
    EXPECT_EQ(parse_freshness("pinned", "--freshness").kind, Kind::pinned);
    EXPECT_EQ(parse_freshness("max-age=90s", "--freshness").max_age, seconds(90));
    EXPECT_EQ(parse_freshness("max-age=5m", "--freshness").max_age, seconds(300));
    EXPECT_EQ(parse_freshness("max-age=12h", "--freshness").max_age, hours(12));
    EXPECT_EQ(parse_freshness("max-age=2d", "--freshness").max_age, hours(48));
    EXPECT_EQ(parse_freshness("max-age=0s", "--freshness").kind, Kind::max_age);
}

TEST(FreshnessPolicy, OtherTextIsAUsageErrorThatSaysWhatIsRight) {
    for (const char* text : {"",
                             "never",
                             "Check",
                             "max-age",
                             "max-age=",
                             "max-age=12",
                             "max-age=h",
                             "max-age=-1h",
                             "max-age=12 h",
                             "max-age=12hh",
                             "max-age=1w",
                             "max-age=99999999999999999999d",
                             "max-age=9999999999d"}) {
        const util::ErrorInfo error = error_of([&] { parse_freshness(text, "KILN_FRESHNESS"); });
        EXPECT_EQ(error.code, util::ExitCode::usage) << text;
        EXPECT_THAT(error.what, HasSubstr("KILN_FRESHNESS='" + std::string(text) + "'"));
        EXPECT_THAT(error.hint, HasSubstr("max-age=12h"));
    }
}

TEST(FreshnessPolicy, SaysWhenToAsk) {
    const FreshnessPolicy day = {.kind = Kind::max_age, .max_age = hours(24)};
    EXPECT_TRUE(cache::must_ask({.kind = Kind::check}, seconds(0)));
    EXPECT_FALSE(cache::must_ask({.kind = Kind::pinned}, std::nullopt));
    EXPECT_FALSE(cache::must_ask({.kind = Kind::offline}, std::nullopt));
    EXPECT_TRUE(cache::must_ask(day, std::nullopt));
    EXPECT_FALSE(cache::must_ask(day, hours(24)));
    EXPECT_TRUE(cache::must_ask(day, hours(24) + seconds(1)));
}

TEST(FreshnessPolicy, OnlyThoseThatDoNotAskTakeWhatIsNotKnown) {
    const cache::Verdict down = cache::Unverified{{.what = "no answer", .hint = "network?"}};
    for (const Kind kind : {Kind::pinned, Kind::offline}) {
        for (const auto& found : {std::optional<cache::Verdict>{}, std::optional(down)}) {
            EXPECT_TRUE(
                std::holds_alternative<cache::Current>(cache::judge({.kind = kind}, found)));
        }
    }
    for (const Kind kind : {Kind::check, Kind::max_age}) {
        const cache::Verdict verdict = cache::judge({.kind = kind}, down);
        const util::ErrorInfo& error = std::get<cache::Unverified>(verdict).error;
        EXPECT_EQ(error.code, util::ExitCode::remote);
        EXPECT_EQ(error.what, "no answer");
        EXPECT_THAT(error.hint,
                    AllOf(HasSubstr("network?"),
                          HasSubstr("--freshness=max-age="),
                          HasSubstr("--freshness=pinned"),
                          HasSubstr("--offline")));
        EXPECT_TRUE(
            std::holds_alternative<cache::Unverified>(cache::judge({.kind = kind}, std::nullopt)));
        EXPECT_TRUE(std::holds_alternative<cache::Changed>(
            cache::judge({.kind = kind}, cache::Changed{"new"})));
        EXPECT_TRUE(
            std::holds_alternative<cache::Current>(cache::judge({.kind = kind}, cache::Current{})));
    }
}

} // namespace
} // namespace kiln::tests
