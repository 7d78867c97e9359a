#include "inspect/debian_version.hpp"
#include "inspect/packages.hpp"
#include "support.hpp"

namespace kiln::inspect {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr const char* k_status = R"(Package: bash
Status: install ok installed
Architecture: amd64
Version: 5.2.15-2+b7
Description: shell
 Package: this is a continuation

Package: old
Status: deinstall ok config-files
Architecture: all
Version: 1.0

Package: never
Status: unknown ok not-installed
)";

TEST(DpkgStatus, is_read_stanza_by_stanza) {
    const Packages packages = parse_dpkg_status(k_status);
    ASSERT_EQ(packages.size(), 2U);
    EXPECT_EQ(packages.at({"bash", "amd64"}).version, "5.2.15-2+b7");
    EXPECT_EQ(packages.at({"bash", "amd64"}).state, "installed");
    EXPECT_EQ(packages.at({"old", "all"}).state, "config-files");
}

TEST(DpkgStatus, of_images_without_dpkg_has_no_line_of_status) {
    TreeIndex tree;
    tree.databases["var/lib/dpkg/status.d/base"] = "Package: base\nVersion: 1\nArchitecture: all\n";
    tree.databases["var/lib/dpkg/status.d/libc6"] = "Package: libc6\nVersion: 2\n";
    const auto packages = packages_of(tree);
    ASSERT_TRUE(packages);
    EXPECT_EQ(packages->at({"base", "all"}).state, "installed");
    EXPECT_EQ(packages->at({"libc6", ""}).version, "2");
}

TEST(DpkgStatus, that_is_none_has_no_packages) {
    EXPECT_TRUE(parse_dpkg_status("").empty());
    EXPECT_TRUE(parse_dpkg_status("\n\n:\nnoise\n \n").empty());
    EXPECT_FALSE(packages_of({}));
}

TEST(Packages, say_how_they_differ) {
    const Packages a = {{{"down", "all"}, {"2", "installed"}},
                        {{"gone", "all"}, {"1", "installed"}},
                        {{"purged", "all"}, {"1", "installed"}},
                        {{"same", "all"}, {"1", "installed"}},
                        {{"up", "amd64"}, {"1.9", "installed"}}};
    const Packages b = {{{"down", "all"}, {"2~rc1", "installed"}},
                        {{"new", "all"}, {"1", "installed"}},
                        {{"purged", "all"}, {"1", "config-files"}},
                        {{"same", "all"}, {"1", "installed"}},
                        {{"up", "amd64"}, {"1.10", "installed"}}};
    std::vector<std::string> lines;
    for (const PackageDifference& found : diff_packages(a, b)) {
        lines.push_back(found.name + " " + change_name(found.change) + " " +
                        found.a.value_or("none") + " " + found.b.value_or("none"));
    }
    EXPECT_THAT(lines,
                ElementsAre("down downgraded 2 2~rc1",
                            "gone removed 1 none",
                            "new added none 1",
                            "purged state 1 1 (config-files)",
                            "up upgraded 1.9 1.10"));
}

TEST(Packages, of_rpm_are_seen) {
    TreeIndex tree;
    EXPECT_FALSE(has_rpm_database(tree));
    tree.files["usr/lib/sysimage/rpm/rpmdb.sqlite"] = {};
    EXPECT_TRUE(has_rpm_database(tree));
}

TEST(DebianVersion, is_ordered_as_dpkg_does) {
    const std::vector<std::string> versions = {"0~~",
                                               "0~",
                                               "0",
                                               "0.1",
                                               "1.0~rc1-1",
                                               "1.0",
                                               "1.0-0.1",
                                               "1.0-1",
                                               "1.0-1+b1",
                                               "1.0-1+deb12u1",
                                               "1.0a",
                                               "1.0+dfsg",
                                               "1.09",
                                               "1.010",
                                               "1.0.10-1",
                                               "1:0.1",
                                               "2:0-1"};
    for (const std::string& left : versions) {
        for (const std::string& right : versions) {
            process::PosixRunner runner;
            const process::Result less =
                runner.run({.argv = {"dpkg", "--compare-versions", left, "lt", right},
                            .environment = process::tool_environment()});
            EXPECT_EQ(compare_versions(left, right) < 0, less.exit_code == 0)
                << left << " " << right;
            EXPECT_EQ(compare_versions(left, right) > 0, compare_versions(right, left) < 0);
        }
    }
    EXPECT_EQ(compare_versions("1.0-0", "1.0"), 0);
    EXPECT_EQ(compare_versions("01.2", "1.02"), 0);
}

} // namespace
} // namespace kiln::inspect
