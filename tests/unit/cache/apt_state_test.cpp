#include "cache/apt_sources.hpp"
#include "cache/tree_packages.hpp"
#include "unit/util/test_files.hpp"
#include "util/digest.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using cache::PackageIndex;
using cache::RepositoryUse;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string k_digest_a(64, 'a');
const std::string k_digest_b(64, 'b');

class AptState : public testing::Test {
protected:
    cache::TreePackages read() {
        files.directory("tree");
        const util::RootDir tree(files / "tree");
        return cache::read_package_state(
            tree, {.architecture = "amd64", .host_keyrings = files / "host"}, documents);
    }

    void sources(const std::string& text) { files.write("tree/etc/apt/sources.list", text); }

    void release(const std::string& url, const std::string& text) {
        files.write("tree/var/lib/apt/lists/" + cache::apt_list_name(url), text);
    }

    static std::vector<std::string> paths(const RepositoryUse& use) {
        std::vector<std::string> result;
        for (const PackageIndex& index : use.indexes) {
            result.push_back(index.path);
        }
        return result;
    }

    TestFiles files{};
    cache::Documents documents{files / "documents"};
};

TEST_F(AptState, OfATreeWithoutSourcesIsEmpty) {
    EXPECT_TRUE(read().state.empty());
    EXPECT_FALSE(read().has_lists);
}

TEST_F(AptState, NamesTheIndexesOfItsArchitectures) {
    sources("deb http://host/debian stable main\ndeb http://host/debian stable contrib\n"
            "deb [arch=arm64] http://host/debian other main\ndeb http://host/flat ./\n");
    files.write("tree/etc/apt/sources.list.d/more.sources",
                "Types: deb\nURIs: http://more/\nSuites: s\nComponents: c\n"
                "Architectures-Add: armhf\nArchitectures-Remove: i386\n");
    files.write("tree/etc/apt/sources.list.d/old.list.save", "deb http://old/ s c\n");
    files.write("tree/etc/apt/sources.list.d/b~d.list", "deb http://old/ s c\n");
    files.write("tree/var/lib/dpkg/arch", "amd64\ni386\n");
    const auto packages = read();
    EXPECT_FALSE(packages.has_lists);
    const auto& uses = packages.state.repositories;
    ASSERT_THAT(uses, SizeIs(4));
    EXPECT_EQ(uses[0].url, "http://host/debian/dists/other/");
    EXPECT_THAT(paths(uses[0]), ElementsAre("main/binary-arm64/Packages"));
    EXPECT_EQ(uses[1].url, "http://host/debian/dists/stable/");
    EXPECT_THAT(paths(uses[1]),
                ElementsAre("main/binary-amd64/Packages",
                            "main/binary-i386/Packages",
                            "contrib/binary-amd64/Packages",
                            "contrib/binary-i386/Packages"));
    EXPECT_EQ(uses[1].indexes[2].title, "stable contrib amd64");
    EXPECT_THAT(paths(uses[2]), ElementsAre("Packages"));
    EXPECT_THAT(paths(uses[3]), ElementsAre("c/binary-amd64/Packages", "c/binary-armhf/Packages"));
    EXPECT_FALSE(packages.state.complete());
}

TEST_F(AptState, TakesDigestsFromTheListsInTheTree) {
    sources("deb http://host/debian stable main contrib\ndeb http://host/debian other main\n");
    release("http://host/debian/dists/stable/InRelease",
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nArchitectures: all amd64\n"
            "SHA256:\n " +
                k_digest_a + " 1 main/binary-amd64/Packages\n " + k_digest_b +
                " 1 main/binary-all/Packages\n-----BEGIN PGP SIGNATURE-----\n");
    const auto packages = read();
    EXPECT_TRUE(packages.has_lists);
    const auto& uses = packages.state.repositories;
    ASSERT_THAT(uses, SizeIs(2));
    EXPECT_EQ(uses[0].indexes[0].digest, "");
    EXPECT_THAT(
        uses[1].indexes,
        ElementsAre(
            PackageIndex{.path = "contrib/binary-amd64/Packages",
                         .title = "",
                         .digest = cache::k_absent_index},
            PackageIndex{.path = "main/binary-all/Packages", .title = "", .digest = k_digest_b},
            PackageIndex{.path = "main/binary-amd64/Packages", .title = "", .digest = k_digest_a}));
    EXPECT_EQ(uses[1].indexes[1].title, "stable main all");
}

TEST_F(AptState, TakesReleaseWhereThereIsNoInRelease) {
    sources("deb http://host/flat ./\n");
    release("http://host/flat/./Release", "SHA256:\n " + k_digest_a + " 1 ./Packages\n");
    EXPECT_EQ(read().state.repositories.at(0).indexes.at(0).digest, k_digest_a);
}

TEST_F(AptState, KeepsTheKeysThatASourceNames) {
    files.write("tree/usr/share/keyrings/named.gpg", "named");
    files.write("host/distribution.gpg", "of the host");
    files.write("tree/etc/apt/trusted.gpg.d/general.gpg", "general");
    files.write("tree/etc/apt/trusted.gpg.d/other.gpg~", "not this");
    files.write("tree/etc/apt/trusted.gpg", "old general");
    sources("deb [signed-by=/usr/share/keyrings/named.gpg,0aBC!] http://a/ s c\n"
            "deb [signed-by=/usr/share/keyrings/distribution.gpg] http://b/ s c\n"
            "deb http://c/ s c\n"
            "deb [trusted=yes check-valid-until=no signed-by=/no.gpg] http://d/ s c\n");
    const auto uses = read().state.repositories;
    ASSERT_THAT(uses, SizeIs(4));
    EXPECT_THAT(uses[0].keyrings, ElementsAre(util::sha256("named")));
    EXPECT_THAT(uses[0].fingerprints, ElementsAre("0ABC"));
    EXPECT_THAT(uses[1].keyrings, ElementsAre(util::sha256("of the host")));
    EXPECT_THAT(uses[2].keyrings,
                ElementsAre(util::sha256("old general"), util::sha256("general")));
    EXPECT_THAT(uses[3].keyrings, IsEmpty());
    EXPECT_EQ(uses[2].trust, RepositoryUse::Trust::signature);
    EXPECT_EQ(uses[3].trust, RepositoryUse::Trust::none);
    EXPECT_EQ(uses[3].expiry, RepositoryUse::Expiry::ignored);
    EXPECT_TRUE(documents.keyring_file(util::sha256("general")));
}

TEST_F(AptState, TakesTheHostsKeysOfTheDistributionWhereATreeHasNone) {
    files.write("host/debian-archive-keyring.gpg", "debian");
    sources("deb http://host/debian stable main\n");
    EXPECT_THAT(read().state.repositories.at(0).keyrings, ElementsAre(util::sha256("debian")));
}

TEST_F(AptState, KeysOutsideTheTreeAreOutOfReach) {
    files.write("outside.gpg", "secret");
    files.link("../../../../../outside.gpg", "tree/usr/share/keyrings/a.gpg");
    sources("deb [signed-by=/usr/share/keyrings/a.gpg] http://host/ s c\n"
            "deb [signed-by=/../outside.gpg] http://other/ s c\n");
    for (const RepositoryUse& use : read().state.repositories) {
        EXPECT_THAT(use.keyrings, IsEmpty());
    }
}

TEST_F(AptState, ARepositoryInTheTreeIsPartOfTheTree) {
    files.directory("tree/srv/apt/dists/s");
    sources("deb [trusted=yes] file:/srv/apt s c\ndeb [trusted=yes] copy:///other s c\n");
    const auto uses = read().state.repositories;
    ASSERT_THAT(uses, SizeIs(1));
    EXPECT_EQ(uses[0].url, "file:///other/dists/s/");
}

TEST_F(AptState, KnowsAnExpiryThatAptConfTurnsOff) {
    sources("deb http://host/debian stable main\n");
    EXPECT_EQ(read().state.repositories.at(0).expiry, RepositoryUse::Expiry::checked);
    files.write("tree/etc/apt/apt.conf.d/99expiry", "Acquire::Check-Valid-Until \"false\";\n");
    EXPECT_EQ(read().state.repositories.at(0).expiry, RepositoryUse::Expiry::ignored);
}

TEST_F(AptState, PasswordsAreNotRecorded) {
    sources("deb http://me:word@host/debian stable main\n");
    EXPECT_EQ(read().state.repositories.at(0).url, "http://host/debian/dists/stable/");
}

TEST_F(AptState, FilesThatAreTooLargeAreAnErrorAndOddOnesNone) {
    files.directory("tree/etc/apt/sources.list");
    EXPECT_TRUE(read().state.empty());
    std::filesystem::remove(files / "tree/etc/apt/sources.list");
    sources(std::string(2 << 20, '#'));
    EXPECT_THAT(error_of([&] { read(); }).what, testing::HasSubstr("sources.list"));
}

} // namespace
} // namespace kiln::tests
