#include "cache/apt_sources.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using cache::apt_list_name;
using cache::AptSource;
using cache::parse_deb822_sources;
using cache::parse_one_line_sources;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(AptSources, TakesALineApart) {
    const auto sources = parse_one_line_sources(
        "deb [ arch=amd64,i386 signed-by=/a.gpg,ABCD trusted=yes check-valid-until=no ] "
        "http://host/debian stable main contrib # comment\n");
    ASSERT_THAT(sources, SizeIs(1));
    EXPECT_EQ(sources[0].uri, "http://host/debian");
    EXPECT_EQ(sources[0].suite, "stable");
    EXPECT_THAT(sources[0].components, ElementsAre("main", "contrib"));
    EXPECT_THAT(sources[0].architectures, ElementsAre("amd64", "i386"));
    EXPECT_THAT(sources[0].signed_by, ElementsAre("/a.gpg", "ABCD"));
    EXPECT_TRUE(sources[0].trusted);
    EXPECT_FALSE(sources[0].check_valid_until);
}

TEST(AptSources, LeavesOutWhatIsNoSourceOfBinaryPackages) {
    EXPECT_THAT(parse_one_line_sources("deb-src http://host/debian stable main\n"
                                       "# deb http://host/debian stable main\n"
                                       "deb\n"
                                       "deb http://host/debian\n"
                                       "deb http://host/debian stable\n"
                                       "deb nowhere stable main\n"
                                       "deb [arch=amd64 http://host/debian stable main\n"
                                       "debian http://host/debian stable main\n"),
                IsEmpty());
}

TEST(AptSources, KnowsFlatRepositoriesAndMedia) {
    const auto sources =
        parse_one_line_sources("deb http://host/flat ./\n"
                               "deb\tcdrom:[Debian 12 _Bookworm_ amd64]/ stable main\r\n"
                               "deb[trusted=yes]http://host/debian stable main\n");
    ASSERT_THAT(sources, SizeIs(3));
    EXPECT_EQ(cache::release_folder(sources[0], "amd64"), "http://host/flat/./");
    EXPECT_EQ(sources[1].uri, "cdrom:[Debian 12 _Bookworm_ amd64]/");
    EXPECT_THAT(sources[1].components, ElementsAre("main"));
    EXPECT_TRUE(sources[2].trusted);
}

TEST(AptSources, Deb822NamesManyAtOnce) {
    const auto sources =
        parse_deb822_sources("# comment\n"
                             "Types: deb deb-src\n"
                             "URIs: http://a/debian\n"
                             "  http://b/debian\n"
                             "# in the middle\n"
                             "suites: stable stable-updates\n"
                             "Components: main contrib\n"
                             "Architectures: amd64\n"
                             "Architectures-Add: i386\n"
                             "Signed-By: /usr/share/keyrings/a.gpg\n"
                             "\n\n"
                             "Types: deb-src\nURIs: http://c/\nSuites: x\n"
                             "Components: main\n"
                             "\n"
                             "Types: deb\nEnabled: no\nURIs: http://d/\nSuites: x\n"
                             "Components: main\n");
    ASSERT_THAT(sources, SizeIs(4));
    EXPECT_EQ(sources[0].uri, "http://a/debian");
    EXPECT_EQ(sources[1].suite, "stable-updates");
    EXPECT_EQ(sources[3].uri, "http://b/debian");
    EXPECT_THAT(sources[3].components, ElementsAre("main", "contrib"));
    EXPECT_THAT(sources[3].added_architectures, ElementsAre("i386"));
    EXPECT_THAT(sources[3].signed_by, ElementsAre("/usr/share/keyrings/a.gpg"));
}

TEST(AptSources, Deb822HoldsAKeyItself) {
    const auto sources =
        parse_deb822_sources("Types: deb\nURIs: http://a/\nSuites: ./\nSigned-By:\n"
                             " -----BEGIN PGP PUBLIC KEY BLOCK-----\n"
                             " .\n"
                             " mDMEYCQjIxYJ\n"
                             " =IE0r\n"
                             " -----END PGP PUBLIC KEY BLOCK-----\n");
    ASSERT_THAT(sources, SizeIs(1));
    EXPECT_EQ(sources[0].embedded_key,
              "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEYCQjIxYJ\n=IE0r\n"
              "-----END PGP PUBLIC KEY BLOCK-----");
    EXPECT_THAT(sources[0].signed_by, IsEmpty());
}

TEST(AptSources, FolderOfTheSignedList) {
    const auto folder = [](const std::string& uri, const std::string& suite) {
        return cache::release_folder({.uri = uri, .suite = suite, .components = {"main"}}, "arm64");
    };
    EXPECT_EQ(folder("http://host/debian", "stable"), "http://host/debian/dists/stable/");
    EXPECT_EQ(folder("http://host/debian/", "a/b"), "http://host/debian/dists/a/b/");
    EXPECT_EQ(folder("http://host/flat", "/"), "http://host/flat/");
    EXPECT_EQ(folder("http://host/flat", "$(ARCH)/"), "http://host/flat/arm64/");
    EXPECT_EQ(folder("http://me:word@host:80/debian", "s"), "http://host:80/debian/dists/s/");
    EXPECT_EQ(folder("file:/srv/apt", "s"), "file:/srv/apt/dists/s/");
    EXPECT_EQ(folder("copy:///srv/apt", "s"), "copy:///srv/apt/dists/s/");
}

TEST(AptSources, ListsAreNamedAsAptNamesThem) {
    EXPECT_EQ(apt_list_name("http://host/debian/dists/stable/InRelease"),
              "host_debian_dists_stable_InRelease");
    EXPECT_EQ(apt_list_name("https://me:word@host:8080/a_b~c/InRelease"),
              "host:8080_a%5fb%7ec_InRelease");
    EXPECT_EQ(apt_list_name("file:/srv/apt/./InRelease"), "_srv_apt_._InRelease");
    EXPECT_EQ(apt_list_name("file:///srv/a%20b/InRelease"), "_srv_a%2520b_InRelease");
}

TEST(AptSources, FindsWhereAptConfTurnsTheExpiryOff) {
    EXPECT_TRUE(cache::ignores_valid_until("x;\nAcquire::Check-Valid-Until \"false\";\n"));
    EXPECT_TRUE(cache::ignores_valid_until("Acquire {\n  Check-Valid-Until \"0\";\n}\n"));
    for (const char* text : {"",
                             "Acquire::Check-Valid-Until \"true\";",
                             "Check-Valid-Until",
                             "// Acquire::Check-Valid-Until \"false\";",
                             "# Acquire::Check-Valid-Until \"false\";"}) {
        EXPECT_FALSE(cache::ignores_valid_until(text)) << text;
    }
}

TEST(AptSources, YesAndNoHaveManyNames) {
    for (const char* word : {"yes", "TRUE", " on ", "with", "enable", "1"}) {
        EXPECT_EQ(cache::apt_bool(word), true) << word;
    }
    for (const char* word : {"no", "False", "off", "without", "disable", "0"}) {
        EXPECT_EQ(cache::apt_bool(word), false) << word;
    }
    EXPECT_EQ(cache::apt_bool("perhaps"), std::nullopt);
}

} // namespace
} // namespace kiln::tests
