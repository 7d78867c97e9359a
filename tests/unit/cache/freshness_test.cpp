#include "unit/cache/freshness_fixture.hpp"

namespace kiln::tests {
namespace {

using cache::FreshnessPolicy;
using cache::PackageState;
using cache::RepositoryUse;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class Freshness : public FreshnessFixture {};

TEST_F(Freshness, SamePackagesAreCurrent) {
    EXPECT_EQ(check(main_state()), "current");
}

TEST_F(Freshness, NewPackagesAreNamed) {
    publish("stable", {{"main", "2"}, {"contrib", "1"}});
    EXPECT_EQ(check(main_state()), "changed: stable main amd64 has new packages");
}

TEST_F(Freshness, UnusedComponentsDoNotCount) {
    EXPECT_EQ(check(main_state()), "current");
    publish("stable", {{"main", "1"}, {"contrib", "2"}});
    EXPECT_EQ(check(main_state()), "current");
}

TEST_F(Freshness, SigningAgainChangesNothing) {
    EXPECT_EQ(check(main_state()), "current");
    publish("stable", {{"main", "1"}, {"contrib", "1"}}, "Suite: again\n", "good again");
    EXPECT_EQ(check(main_state()), "current");
    EXPECT_THAT(runner.commands, SizeIs(2));
}

TEST_F(Freshness, AnIndexThatIsNotListedAnyMoreIsAChange) {
    publish("stable", {{"contrib", "1"}});
    EXPECT_EQ(check(main_state()), "changed: stable main amd64 is gone");
    PackageState state = main_state();
    state.repositories[0].indexes[0].digest = cache::k_absent_index;
    EXPECT_EQ(check(state), "current");
}

TEST_F(Freshness, NothingNewCostsOneRoundWithoutABodyOrALookAtSignatures) {
    publish("updates", {{"main", "7"}});
    const PackageState both = {{use("stable", {{"main", "1"}}), use("updates", {{"main", "7"}})}};
    EXPECT_EQ(check(both), "current");
    EXPECT_THAT(runner.commands, SizeIs(2));
    client.rounds = 0;
    client.sent.clear();
    runner.commands.clear();
    EXPECT_EQ(check(both), "current");
    EXPECT_EQ(client.rounds, 1);
    EXPECT_THAT(client.sent, IsEmpty());
    EXPECT_THAT(runner.commands, IsEmpty());
}

TEST_F(Freshness, ManyStatesAreAskedForInOneRound) {
    publish("updates", {{"main", "7"}});
    const PackageState updates = {{use("updates", {{"main", "7"}})}};
    PackageState unknown = main_state();
    unknown.repositories[0].indexes[0].digest = "";
    const std::vector<cache::Verdict> verdicts =
        freshness().check({main_state(), main_state("0"), updates, {}, unknown, main_state()});
    std::vector<std::string> texts;
    for (const cache::Verdict& verdict : verdicts) {
        texts.push_back(text(verdict));
    }
    EXPECT_THAT(texts,
                ElementsAre("current",
                            "changed: stable main amd64 has new packages",
                            "current",
                            "current",
                            "changed: which packages of stable main amd64 were used is not known",
                            "current"));
    EXPECT_EQ(client.rounds, 1);
    EXPECT_THAT(client.asked, SizeIs(2));
}

TEST_F(Freshness, ABadSignatureIsNotBelieved) {
    publish("stable", {{"main", "2"}}, "", "bad");
    const std::vector<cache::Verdict> verdicts = freshness().check({main_state()});
    const util::ErrorInfo& error = std::get<cache::Unverified>(verdicts.front()).error;
    EXPECT_THAT(error.what, HasSubstr("is not good"));
    EXPECT_EQ(error.code, util::ExitCode::remote);
    EXPECT_THAT(error.hint, HasSubstr("--freshness=pinned"));
    client.pages[folder("stable") + "InRelease"] = release({{"main", "1"}});
    EXPECT_THAT(check(main_state()), HasSubstr("is not signed"));
}

TEST_F(Freshness, ABodyThatOtherKeysVerifiedIsVerifiedAgain) {
    EXPECT_EQ(check(main_state()), "current");
    PackageState other = main_state();
    other.repositories[0].keyrings = {documents.put_keyring("other keys").value()};
    EXPECT_EQ(check(other), "current");
    EXPECT_THAT(runner.commands, SizeIs(2));
    other.repositories[0].fingerprints = {"CD"};
    EXPECT_THAT(check(other), HasSubstr("it is by another key"));
}

TEST_F(Freshness, WithoutKeysNothingIsVerified) {
    PackageState state = main_state();
    state.repositories[0].keyrings.clear();
    EXPECT_THAT(check(state), HasSubstr("there are no keys"));
    state.repositories[0].trust = RepositoryUse::Trust::none;
    EXPECT_EQ(check(state), "current");
    EXPECT_THAT(runner.commands, IsEmpty());
}

TEST_F(Freshness, KeysThatWereLostCostARebuild) {
    PackageState state = main_state();
    state.repositories[0].keyrings = {std::string(64, 'a')};
    EXPECT_EQ(check(state),
              "changed: the keys of 'http://host/debian/dists/stable/' are not in the cache any "
              "more");
}

TEST_F(Freshness, AMirrorThatIsDownIsAnErrorUnlessSomethingChangedForSure) {
    EXPECT_EQ(check(main_state()), "current");
    client.down = {"http://host/"};
    const std::vector<cache::Verdict> verdicts = freshness().check({main_state()});
    const util::ErrorInfo& error = std::get<cache::Unverified>(verdicts.front()).error;
    EXPECT_EQ(error.code, util::ExitCode::remote);
    EXPECT_THAT(error.hint,
                AllOf(HasSubstr("is the network up?"),
                      HasSubstr("--freshness=max-age="),
                      HasSubstr("--offline")));
    client.down = {folder("updates")};
    const PackageState both = {{use("updates", {{"main", "7"}}), use("stable", {{"main", "0"}})}};
    EXPECT_EQ(check(both), "changed: stable main amd64 has new packages");
}

TEST_F(Freshness, AListThatExpiredIsNotCurrentUnlessTheSourcesSaySo) {
    publish("stable", {{"main", "1"}}, "Valid-Until: Thu, 14 Jan 2027 00:00:00 UTC\n");
    EXPECT_THAT(check(main_state()), HasSubstr("InRelease' has expired"));
    PackageState archive = main_state();
    archive.repositories[0].expiry = RepositoryUse::Expiry::ignored;
    EXPECT_EQ(check(archive), "current");
    now -= 86400LL * 30;
    EXPECT_EQ(check(main_state()), "current");
    publish("stable", {{"main", "1"}}, "Valid-Until: someday\n");
    EXPECT_THAT(check(main_state()), HasSubstr("has expired"));
}

TEST_F(Freshness, AListWithoutIndexesIsNoRepository) {
    client.pages[folder("stable") + "InRelease"] = signed_text("<html>\n", "good");
    EXPECT_THAT(check(main_state()), HasSubstr("names no indexes"));
}

TEST_F(Freshness, ReleaseAndItsSignatureStandInForInRelease) {
    client.pages.clear();
    client.pages[folder("stable") + "Release"] = release({{"main", "1"}});
    client.pages[folder("stable") + "Release.gpg"] = "good";
    EXPECT_EQ(check(main_state()), "current");
    EXPECT_EQ(client.rounds, 2);
    EXPECT_EQ(check(main_state()), "current");
    EXPECT_EQ(client.rounds, 3);
    EXPECT_THAT(runner.commands, SizeIs(1));
    client.pages[folder("stable") + "Release.gpg"] = "bad";
    EXPECT_THAT(check(main_state()), HasSubstr("is not good"));
    client.pages.clear();
    publish("stable", {{"main", "2"}});
    EXPECT_THAT(check(main_state()), StartsWith("changed"));
    client.pages.clear();
    EXPECT_THAT(check(main_state()), HasSubstr("the server answered 404"));
}

TEST_F(Freshness, PinnedAndOfflineAskNobody) {
    for (const auto kind : {FreshnessPolicy::Kind::pinned, FreshnessPolicy::Kind::offline}) {
        EXPECT_EQ(check(main_state("0"), {.kind = kind}), "current");
    }
    EXPECT_EQ(client.rounds, 0);
}

TEST_F(Freshness, MaxAgeAsksOnlyWhatWasNotCheckedSince) {
    const FreshnessPolicy hour = {.kind = FreshnessPolicy::Kind::max_age,
                                  .max_age = std::chrono::hours(1)};
    EXPECT_EQ(check(main_state(), hour), "current");
    EXPECT_EQ(client.rounds, 1);
    now += 3600;
    client.down = {"http://host/"};
    EXPECT_EQ(check(main_state(), hour), "current");
    EXPECT_EQ(check(main_state("0"), hour), "changed: stable main amd64 has new packages");
    EXPECT_EQ(client.rounds, 1);
    now += 1;
    EXPECT_THAT(check(main_state(), hour), HasSubstr("refused"));
    client.down.clear();
    EXPECT_EQ(check(main_state(), hour), "current");
    EXPECT_EQ(check(main_state(), hour), "current");
    EXPECT_EQ(client.rounds, 3);
}

TEST_F(Freshness, AWayThatKilnDoesNotKnowIsSaid) {
    PackageState state = main_state();
    state.repositories[0].url = "mirror+http://host/list/dists/stable/";
    EXPECT_THAT(check(state), HasSubstr("cannot be asked"));
    state.repositories[0].url = "cdrom:[Debian]/dists/stable/";
    EXPECT_THAT(check(state), HasSubstr("cannot be asked"));
    EXPECT_EQ(client.rounds, 0);
}

TEST_F(Freshness, BaseImagesAreCheckedByTheirList) {
    const std::string url = "http://host/SHA512SUMS";
    const PackageState state = {
        {{.kind = RepositoryUse::Kind::base_image,
          .url = url,
          .keyrings = {key},
          .signature_url = url + ".sign",
          .indexes = {{.path = "base.qcow2", .title = "base.qcow2", .digest = "1234"}}}}};
    client.pages = {{url, "1234  base.qcow2\n99 *base.raw\n"}, {url + ".sign", "good"}};
    EXPECT_EQ(check(state), "current");
    client.pages[url] = "SHA256 (base.qcow2) = 5678\n";
    EXPECT_EQ(check(state), "changed: base.qcow2 is another image now");
    client.pages[url + ".sign"] = "bad";
    EXPECT_THAT(check(state), HasSubstr("is not good"));
}

} // namespace
} // namespace kiln::tests
