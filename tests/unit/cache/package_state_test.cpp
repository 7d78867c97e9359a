#include "cache/package_state.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using cache::first_difference;
using cache::PackageState;
using cache::RepositoryUse;
using testing::HasSubstr;

PackageState two_indexes() {
    return {{{.url = "http://host/debian/dists/stable/",
              .keyrings = {"ab"},
              .indexes = {{.path = "contrib/binary-amd64/Packages",
                           .title = "stable contrib amd64",
                           .digest = "11"},
                          {.path = "main/binary-amd64/Packages",
                           .title = "stable main amd64",
                           .digest = "22"}}}}};
}

PackageState with_main(const std::string& digest) {
    PackageState state = two_indexes();
    state.repositories[0].indexes[1].digest = digest;
    return state;
}

TEST(PackageState, SurvivesItsJson) {
    PackageState state = two_indexes();
    RepositoryUse& use = state.repositories[0];
    use.kind = RepositoryUse::Kind::base_image;
    use.fingerprints = {"ABCD"};
    use.signature_url = "http://host/SUMS.sign";
    use.trust = RepositoryUse::Trust::none;
    use.expiry = RepositoryUse::Expiry::ignored;
    const std::string text = cache::to_json(state);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    const PackageState again = cache::package_state_from_json(text);
    EXPECT_EQ(cache::to_json(again), text);
    EXPECT_EQ(again.repositories[0].kind, use.kind);
    EXPECT_EQ(again.repositories[0].trust, use.trust);
    EXPECT_EQ(again.repositories[0].expiry, use.expiry);
    EXPECT_EQ(again.repositories[0].indexes, use.indexes);
}

TEST(PackageState, OtherJsonIsAnError) {
    for (const char* text : {"",
                             "{}",
                             "[1]",
                             R"({"repositories":[{"kind":"apt"}]})",
                             R"({"repositories":[{"kind":"deb","url":"x"}]})"}) {
        EXPECT_THROW(cache::package_state_from_json(text), util::Error) << text;
    }
}

TEST(PackageState, HoldsBytesThatAreNoText) {
    PackageState state = two_indexes();
    state.repositories[0].url += "\xff";
    EXPECT_NO_THROW(cache::package_state_from_json(cache::to_json(state)));
}

TEST(PackageState, DigestTellsStatesApart) {
    const std::string digest = cache::state_digest(two_indexes());
    EXPECT_EQ(digest, cache::state_digest(two_indexes()));
    EXPECT_NE(digest, cache::state_digest(with_main("33")));
    PackageState moved = two_indexes();
    moved.repositories[0].url = "http://other/";
    EXPECT_NE(digest, cache::state_digest(moved));
    PackageState signed_otherwise = two_indexes();
    signed_otherwise.repositories[0].keyrings = {"cd"};
    EXPECT_EQ(digest, cache::state_digest(signed_otherwise));
}

TEST(PackageState, IsCompleteWhenAllDigestsAreKnown) {
    EXPECT_TRUE(PackageState{}.complete());
    EXPECT_TRUE(two_indexes().complete());
    EXPECT_TRUE(with_main(cache::k_absent_index).complete());
    EXPECT_FALSE(with_main("").complete());
    EXPECT_FALSE((PackageState{{{.url = "http://host/"}}}.complete()));
}

TEST(PackageState, SaysInWordsWhatDiffers) {
    EXPECT_EQ(first_difference(two_indexes(), two_indexes()), std::nullopt);
    EXPECT_EQ(first_difference(two_indexes(), with_main("33")),
              "stable main amd64 has new packages");
    EXPECT_EQ(first_difference(two_indexes(), with_main(cache::k_absent_index)),
              "stable main amd64 is gone");
    PackageState fewer = two_indexes();
    fewer.repositories[0].indexes.pop_back();
    EXPECT_EQ(first_difference(two_indexes(), fewer), "stable main amd64 is gone");
    EXPECT_EQ(first_difference(fewer, two_indexes()), "stable main amd64 was not used");
    EXPECT_EQ(first_difference(two_indexes(), {}),
              "'http://host/debian/dists/stable/' is not used any more");
    EXPECT_EQ(first_difference({}, two_indexes()),
              "'http://host/debian/dists/stable/' was not used");
}

TEST(PackageState, WhatIsNotKnownIsNeverTheSame) {
    EXPECT_THAT(*first_difference(with_main(""), with_main("")), HasSubstr("is not known"));
    EXPECT_THAT(*first_difference(two_indexes(), with_main("")), HasSubstr("is not known"));
}

} // namespace
} // namespace kiln::tests
