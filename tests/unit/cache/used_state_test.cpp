#include "cache/apt_sources.hpp"
#include "unit/cache/freshness_fixture.hpp"

namespace kiln::tests {
namespace {

using cache::PackageState;
using testing::ElementsAre;
using testing::IsEmpty;

/// A hook began at k_now, and ends an hour later.
class UsedState : public FreshnessFixture {
protected:
    UsedState() {
        files.write("tree/etc/apt/sources.list", "deb http://host/debian stable main\n");
        files.write("tree/etc/apt/trusted.gpg.d/a.gpg", "keys");
    }

    PackageState used(cache::FreshnessPolicy policy = {}) {
        now = k_now + 3600;
        const util::RootDir tree(files / "tree");
        return freshness(policy).used(tree, {.architecture = "amd64"}, k_now);
    }

    static std::string main_digest(const PackageState& state) {
        return state.repositories.at(0).indexes.at(0).digest;
    }

    void publish_dated(const std::string& version, std::int64_t age) {
        const std::int64_t then = k_now - age;
        std::array<char, 64> text{};
        const std::time_t moment = static_cast<std::time_t>(then);
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S", std::gmtime(&moment));
        publish("stable", {{"main", version}}, "Date: " + std::string(text.data()) + " UTC\n");
    }
};

TEST_F(UsedState, IsExactWhereTheTreeHasItsLists) {
    files.write("tree/var/lib/apt/lists/" + cache::apt_list_name(folder("stable") + "InRelease"),
                signed_text(release({{"main", "5"}}), "apt has seen to that"));
    EXPECT_EQ(main_digest(used()), digest("main", "5"));
    EXPECT_EQ(client.rounds, 0);
}

TEST_F(UsedState, IsWhatTheMirrorHadForLong) {
    publish_dated("3", 7 * 3600);
    EXPECT_EQ(main_digest(used()), digest("main", "3"));
    EXPECT_EQ(check(used()), "current");
}

TEST_F(UsedState, IsNotKnownWhenTheMirrorMayHaveMovedMeanwhile) {
    publish_dated("3", 5 * 3600);
    EXPECT_EQ(main_digest(used()), "");
    publish_dated("4", -60);
    EXPECT_EQ(main_digest(used()), "");
    publish("stable", {{"main", "5"}});
    EXPECT_EQ(main_digest(used()), "");
    publish_dated("6", 24 * 3600);
    client.last_modified[folder("stable") + "InRelease"] = "Fri, 15 Jan 2027 08:30:00 GMT";
    EXPECT_EQ(main_digest(used()), "");
}

TEST_F(UsedState, IsWhatWasKnownBeforeTheHookBegan) {
    publish_dated("3", 60);
    now = k_now - 10;
    EXPECT_EQ(check(main_state("0")), "changed: stable main amd64 has new packages");
    EXPECT_EQ(main_digest(used()), digest("main", "3"));
    publish_dated("4", -60);
    EXPECT_EQ(main_digest(used()), "");
}

TEST_F(UsedState, BringsInTheIndexOfAll) {
    publish("stable", {{"main", "1"}});
    const std::string more =
        "Date: Wed, 13 Jan 2027 08:00:00 UTC\nArchitectures: all amd64\nSHA256:\n " +
        digest("main", "1") + " 1 main/binary-all/Packages\n " + digest("main", "2") +
        " 1 main/binary-amd64/Packages\n";
    client.pages[folder("stable") + "InRelease"] = signed_text(more, "good");
    std::vector<std::string> titles;
    const PackageState state = used();
    for (const cache::PackageIndex& index : state.repositories.at(0).indexes) {
        titles.push_back(index.title);
    }
    EXPECT_THAT(titles, ElementsAre("stable main all", "stable main amd64"));
    EXPECT_EQ(check(state), "current");
}

TEST_F(UsedState, AsksNobodyWhenThatIsForbidden) {
    publish_dated("3", 24 * 3600);
    for (const auto kind :
         {cache::FreshnessPolicy::Kind::offline, cache::FreshnessPolicy::Kind::pinned}) {
        EXPECT_EQ(main_digest(used({.kind = kind})), "");
    }
    EXPECT_EQ(client.rounds, 0);
}

TEST_F(UsedState, AMirrorThatIsDownLeavesItUnknown) {
    client.down = {"http://host/"};
    EXPECT_EQ(main_digest(used()), "");
    EXPECT_THAT(reporter.texts(report::EventKind::info), testing::SizeIs(1));
    client.down.clear();
    EXPECT_THAT(check(used()), testing::HasSubstr("is not known"));
}

TEST_F(UsedState, OfATreeWithoutSourcesIsEmptyAndCurrent) {
    std::filesystem::remove(files / "tree/etc/apt/sources.list");
    EXPECT_TRUE(used().empty());
    EXPECT_EQ(check(used()), "current");
    EXPECT_EQ(client.rounds, 0);
}

} // namespace
} // namespace kiln::tests
