#include "util/fd.hpp"
#include "util/text.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string k_data = std::string(KILN_SOURCE_DIR) + "/tests/data/pkg-map/";

/// An element "probe" on fake-os, where install-packages only says what it was asked.
class PackageHooks : public testing::Test {
protected:
    void SetUp() override {
        space.write("elements/probe/element-deps", "package-installs\nsvc-map\n");
        space.hook(
            "probe",
            "root.d/60-install-packages",
            "printf '#!/bin/bash\\necho asked: \"$*\"\\n' > $TARGET_ROOT/bin/install-packages\n"
            "chmod 755 $TARGET_ROOT/bin/install-packages");
        space.environment["DISTRO_NAME"] = "debian";
    }

    void pkg_map() { space.write("elements/probe/pkg-map", util::read_file(k_data + "pkg-map")); }

    /// What a hook of install.d prints.
    std::vector<std::string> said(const std::string& text) {
        space.hook("probe", "install.d/50-probe", text);
        space.must_build({"fake-os", "probe"});
        std::vector<std::string> lines;
        for (const std::string& line : space.hook_output()) {
            lines.emplace_back(util::trim(line));
        }
        return lines;
    }

    Workspace space{};
};

/// A command whose answer is one line "ID CODE LINES", lines between |.
std::string question(const std::string& id, const std::string& command) {
    return "out=$(" + command + " 2>/dev/null) && rc=0 || rc=$?\necho \"" + id +
           " $rc ${out//$'\\n'/|}\"\n";
}

TEST_F(PackageHooks, PkgMapInTheImageAnswersAsTheTableOfCasesSays) {
    pkg_map();
    std::string text;
    std::vector<std::string> expected;
    for (const std::string& line : util::split(util::read_file(k_data + "cases.tsv"), '\n')) {
        const std::vector<std::string> column = util::split(line, '\t');
        if (column.size() != 5 || column[0][0] == '#') {
            continue;
        }
        const std::string release = column[2] == "-" ? "" : column[2];
        text += question(column[0],
                         "pkg-map --element probe --distro " + column[1] + " --release '" +
                             release + "' " + column[3]);
        const bool error = column[4] == "error";
        expected.push_back(column[0] + (error ? " 1 " : " 0 ") +
                           (error || column[4] == "-" ? "" : column[4]));
    }
    ASSERT_GE(expected.size(), 15U);
    const std::vector<std::string> lines = said(text);
    for (const std::string& line : expected) {
        EXPECT_THAT(lines, Contains(std::string(util::trim(line)))) << util::join(lines, "\n");
    }
}

TEST_F(PackageHooks, PkgMapInTheImageKnowsM8ToM12) {
    pkg_map();
    const std::string map = "pkg-map --element probe ";
    const std::vector<std::string> lines =
        said(question("M8", map + "--missing-ok unknown") +
             question("M9", map + "--prefix - --missing-ok unknown nova_package") +
             question("M10", "env -u DISTRO_NAME " + map + "nova_package") +
             question("M11", "pkg-map --element other x") +
             question("M11b", "pkg-map --element other --missing-ok x y") +
             question("M12", map + "--pkg-map /x nova_package") +
             question("M12b", "pkg-map nova_package"));
    for (const char* line : {"M8 0 unknown",
                             "M9 0 -unknown|-nova",
                             "M10 1",
                             "M11 2",
                             "M11b 0 x|y",
                             "M12 1",
                             "M12b 1"}) {
        EXPECT_THAT(lines, Contains(line)) << util::join(lines, "\n");
    }
}

TEST_F(PackageHooks, P12NothingToDoIsSaidAndIsNoError) {
    const std::vector<std::string> lines =
        said(question("a", "package-installs-v2 --phase post-install.d") +
             question("b", "package-installs-v2 --phase post-install.d --uninstall"));
    EXPECT_THAT(lines, Contains("a 0 Nothing to install"));
    EXPECT_THAT(lines, Contains("b 0 Nothing to uninstall"));
}

TEST_F(PackageHooks, P13APackageOfTwoElementsIsInstalledOnceInOneCommand) {
    space.write("elements/probe/package-installs.yaml",
                "zsh:\ncurl:\ngcc: {build-only: true}\nearly: {phase: pre-install.d}\n");
    space.write("elements/more/package-installs.yaml", "curl:\nold: {uninstall: true}\n");
    space.hook("probe", "install.d/50-probe", "echo install");
    space.must_build({"fake-os", "probe", "more"});
    const std::vector<std::string> lines = space.hook_output();
    std::vector<std::string> asked;
    for (const std::string& line : lines) {
        if (line.rfind("asked", 0) == 0 || line == "install") {
            asked.push_back(line);
        }
    }
    EXPECT_THAT(asked,
                ElementsAre("asked: early", "asked: curl gcc zsh", "install", "asked: -e gcc old"));
}

TEST_F(PackageHooks, SvcMapGivesTheNameOfTheDistribution) {
    space.write("elements/probe/svc-map",
                "web: {debian: apache2, default: httpd}\nours: {default: theirs}\n"
                "odd: {default: 'on'}\n");
    space.write("elements/more/svc-map", "db: {redhat: mysqld, default: mariadb}\n");
    space.hook("probe",
               "install.d/50-probe",
               "mkdir -p /usr/lib/systemd/system\n"
               "touch /usr/lib/systemd/system/ours.service\n"
               "svc-map web ours odd db unknown");
    space.must_build({"fake-os", "probe", "more"});
    std::vector<std::string> lines = space.hook_output();
    const auto first = std::find(lines.begin(), lines.end(), "apache2");
    ASSERT_GE(lines.end() - first, 5) << util::join(lines, "\n");
    EXPECT_THAT(std::vector<std::string>(first, first + 5),
                ElementsAre("apache2", "ours", "on", "mariadb", "unknown"));
}

TEST_F(PackageHooks, AServiceInTwoSvcMapsStopsTheBuild) {
    space.write("elements/probe/svc-map", "web:\n");
    space.write("elements/more/svc-map", "web:\n");
    const Finished result = space.build({"fake-os", "probe", "more"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("elements/more/svc-map:1:1: service 'web' is already in"));
}

class InstallTypes : public testing::Test {
protected:
    void SetUp() override {
        space.write("elements/probe/element-deps", "install-types\n");
        for (const char* type : {"source", "package"}) {
            space.hook("probe",
                       std::string("install.d/my-app-") + type + "-install/30-" + type,
                       std::string("echo by ") + type + " ${DIB_INSTALLTYPE_my_app-unset}");
        }
        space.hook("probe", "install.d/50-always", "echo always");
    }

    Workspace space{};
};

TEST_F(InstallTypes, TheDefaultIsSource) {
    space.must_build({"fake-os", "probe"});
    EXPECT_THAT(space.hook_output(), ElementsAre("by source unset", "always"));
}

TEST_F(InstallTypes, TheDefaultCanBeGiven) {
    space.must_build({"--install-type", "package", "fake-os", "probe"});
    EXPECT_THAT(space.hook_output(), ElementsAre("by package unset", "always"));
}

TEST_F(InstallTypes, AVariableBeatsTheDefault) {
    space.environment["DIB_INSTALLTYPE_my_app"] = "package";
    space.must_build({"fake-os", "probe"});
    EXPECT_THAT(space.hook_output(), ElementsAre("by package package", "always"));
}

TEST_F(InstallTypes, AnUnknownTypeIsAnErrorThatNamesTheVariableAndTheTypes) {
    space.environment["DIB_INSTALLTYPE_my_app"] = "pakage";
    const Finished result = space.build({"fake-os", "probe"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("DIB_INSTALLTYPE_my_app='pakage' is no install type"));
    EXPECT_THAT(result.err, HasSubstr("package source"));
}

TEST_F(InstallTypes, ADefaultThatAnElementLacksIsWarnedOf) {
    space.must_build({"--install-type", "repo", "fake-os", "probe"});
    EXPECT_THAT(space.hook_output(), Contains("always"));
    EXPECT_THAT(space.hook_output(), Contains(HasSubstr("my-app has no install type 'repo'")));
    EXPECT_THAT(space.build_log(), Not(HasSubstr("by source")));
}

TEST_F(InstallTypes, TwoHooksOfOneNameAreAnError) {
    space.hook("probe", "install.d/30-source", "echo other");
    const Finished result = space.build({"fake-os", "probe"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("there is another install.d/30-source"));
}

} // namespace
} // namespace kiln::tests
