#include "element/pkg_map.hpp"
#include "unit/util/test_files.hpp"
#include "util/text.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::PkgMap;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;

constexpr const char* k_map = R"({
  "release": {
    "fedora": {"23": {"nova_package": "rel"}},
    "centos": {"8": {"nova_package": "c8"}}
  },
  "distro": {
    "fedora": {"nova_package": "openstack-compute", "glance_package": "openstack-image"}
  },
  "family": {
    "redhat": {"nova_package": "openstack-nova", "glance_package": "openstack-glance"},
    "suse": {"nova_package": ""}
  },
  "default": {"nova_package": "nova", "glance_package": "glance", "two": "a  b"}
})";

auto found(const std::string& name,
           const std::string& distribution,
           const std::string& release = "") {
    return PkgMap::parse(k_map, "pkg-map").find(name, {.name = distribution, .release = release});
}

util::ErrorInfo pkg_map_error(const std::string& text) {
    return error_of([&] { PkgMap::parse(text, "pkg-map"); });
}

TEST(PkgMapLookup, M1PrefersTheRelease) {
    EXPECT_THAT(found("nova_package", "fedora", "23"), Optional(ElementsAre("rel")));
}

TEST(PkgMapLookup, M2FallsBackToTheDistribution) {
    EXPECT_THAT(found("nova_package", "fedora", "24"), Optional(ElementsAre("openstack-compute")));
}

TEST(PkgMapLookup, M3FallsBackToTheFamily) {
    EXPECT_THAT(found("nova_package", "rhel"), Optional(ElementsAre("openstack-nova")));
    EXPECT_THAT(found("glance_package", "rhel"), Optional(ElementsAre("openstack-glance")));
}

TEST(PkgMapLookup, M4FallsBackToTheDefaultAndSplitsSeveralNames) {
    EXPECT_THAT(found("nova_package", "ubuntu"), Optional(ElementsAre("nova")));
    EXPECT_THAT(found("two", "ubuntu"), Optional(ElementsAre("a", "b")));
}

TEST(PkgMapLookup, M5TakesAnEmptyValueForNothingToInstall) {
    EXPECT_THAT(found("nova_package", "opensuse"), Optional(IsEmpty()));
}

TEST(PkgMapLookup, M6LooksAStreamUpAsItsRelease) {
    EXPECT_THAT(found("nova_package", "centos", "8-stream"), Optional(ElementsAre("c8")));
    EXPECT_THAT(found("nova_package", "centos", "9-stream"),
                Optional(ElementsAre("openstack-nova")));
}

TEST(PkgMapLookup, M7CountsRockyAsRedhat) {
    EXPECT_THAT(found("nova_package", "rocky"), Optional(ElementsAre("openstack-nova")));
    for (const char* name :
         {"almalinux", "fedora", "rhel", "rhel7", "centos", "centos7", "openeuler"}) {
        EXPECT_EQ(element::distribution_family(name), "redhat") << name;
    }
    EXPECT_EQ(element::distribution_family("arch"), "");
}

TEST(PkgMapLookup, M8TellsANameThatIsNotThere) {
    EXPECT_EQ(found("unknown", "debian"), std::nullopt);
}

// The same table is put to the pkg-map command in the image: tests/functional/package_hooks_test.
TEST(PkgMapLookup, AnswersAsTheTableOfCasesSays) {
    const std::string folder = std::string(KILN_SOURCE_DIR) + "/tests/data/pkg-map/";
    const PkgMap map = PkgMap::parse(util::read_file(folder + "pkg-map"), "pkg-map");
    int cases = 0;
    for (const std::string& line : util::split(util::read_file(folder + "cases.tsv"), '\n')) {
        const std::vector<std::string> column = util::split(line, '\t');
        if (column.size() != 5 || column[0][0] == '#') {
            continue;
        }
        ++cases;
        std::vector<std::string> answers;
        for (const std::string& name : util::split_words(column[3])) {
            const auto names =
                map.find(name, {.name = column[1], .release = column[2] == "-" ? "" : column[2]});
            const std::string answer = names ? util::join(*names, " ") : "error";
            answers.push_back(answer.empty() ? "-" : answer);
        }
        EXPECT_EQ(util::join(answers, "|"), column[4]) << column[0];
    }
    EXPECT_GE(cases, 15);
}

TEST(PkgMapFile, KeepsItsOrder) {
    const PkgMap map = PkgMap::parse(R"({"default":{"b":"1","a":"2"}})", "pkg-map");
    ASSERT_EQ(map.rows().size(), 2U);
    EXPECT_EQ(map.rows()[0].name, "b");
    EXPECT_EQ(map.rows()[1].value, "2");
}

TEST(PkgMapFile, OffersTheNearestSection) {
    const util::ErrorInfo error = pkg_map_error("{\n  \"familly\": {}\n}");
    EXPECT_EQ(error.what, "pkg-map:2:3: unknown key 'familly'");
    EXPECT_EQ(error.hint, "did you mean 'family'?");
}

TEST(PkgMapFile, SaysWhereItCannotBeRead) {
    EXPECT_THAT(pkg_map_error("{\"default\": {\"a\": [\"b\"]}}").what, HasSubstr("pkg-map:1:19: "));
    EXPECT_THAT(pkg_map_error("{\"default\": {\"a b\": \"c\"}}").what, HasSubstr("is no name"));
    EXPECT_THAT(pkg_map_error("{\"default\": {").what, HasSubstr("pkg-map:1:"));
    EXPECT_THAT(pkg_map_error("").what, HasSubstr("a mapping"));
}

} // namespace
} // namespace kiln::tests
