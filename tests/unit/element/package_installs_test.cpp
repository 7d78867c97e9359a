#include "element/package_installs.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::PackageAction;
using element::PackageRule;
using element::Phase;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<PackageRule> rules(const std::string& text) {
    return element::parse_package_installs(text, "p.yaml").rules;
}

PackageRule rule(const std::string& parameters) {
    return rules("package: " + parameters).at(0);
}

std::vector<std::string> warnings(const std::string& text) {
    return element::parse_package_installs(text, "p.yaml").warnings;
}

util::ErrorInfo parse_error(const std::string& text) {
    return error_of([&] { static_cast<void>(rules(text)); });
}

bool counts(const std::string& parameters, const process::Environment& environment) {
    return element::applies(rule(parameters), "my-element", environment);
}

TEST(PackageInstalls, P1TakesPackagesWithoutParameters) {
    for (const char* nothing : {"", "''", "{}", "null"}) {
        const PackageRule plain = rule(nothing);
        EXPECT_TRUE(plain.action == PackageAction::install && plain.phase == Phase::install);
    }
    EXPECT_EQ(rule("").package, "package");
    EXPECT_TRUE(counts("{}", {}));
}

TEST(PackageInstalls, P2SelectByArchitecture) {
    EXPECT_TRUE(counts("{arch: arm64}", {{"ARCH", "arm64"}}));
    EXPECT_FALSE(counts("{arch: arm64}", {{"ARCH", "amd64"}}));
    EXPECT_FALSE(counts("{not-arch: arm64}", {{"ARCH", "arm64"}}));
    EXPECT_TRUE(counts("{not-arch: arm64}", {{"ARCH", "amd64"}}));
}

TEST(PackageInstalls, P2IgnoreBlanksInListsOfArchitectures) {
    EXPECT_TRUE(counts("{arch: 'ppc64, amd64'}", {{"ARCH", "amd64"}}));
    EXPECT_FALSE(counts("{not-arch: 'ppc64, amd64'}", {{"ARCH", "amd64"}}));
    EXPECT_THAT(warnings("x: {arch: 'ppc64, amd64'}"),
                ElementsAre(StartsWith("p.yaml:1:11: blanks in 'ppc64, amd64' do not count")));
    EXPECT_THAT(warnings("x: {arch: 'ppc64,amd64'}"), IsEmpty());
}

TEST(PackageInstalls, P2NeedArchToBeSet) {
    const util::ErrorInfo error = error_of([] { counts("{arch: arm64}", {}); });
    EXPECT_EQ(error.what, "p.yaml:1:1: the variable 'ARCH' is not set");
    EXPECT_EQ(error.code, util::ExitCode::hook);
}

TEST(PackageInstalls, P3TakeEachAlternativeOnItsOwn) {
    const std::vector<PackageRule> all = rules("linux-image-generic:\n"
                                               "  - not-arch: arm64\n"
                                               "    when: DIB_UBUNTU_KERNEL = linux-image-generic\n"
                                               "  - arch: arm64\n"
                                               "    when:\n"
                                               "      - DIB_RELEASE != xenial\n"
                                               "      - DIB_UBUNTU_KERNEL = linux-image-generic\n");
    ASSERT_EQ(all.size(), 2U);
    process::Environment environment = {
        {"ARCH", "arm64"}, {"DIB_RELEASE", "focal"}, {"DIB_UBUNTU_KERNEL", "linux-image-generic"}};
    EXPECT_FALSE(element::applies(all[0], "e", environment));
    EXPECT_TRUE(element::applies(all[1], "e", environment));
    environment["DIB_RELEASE"] = "xenial";
    EXPECT_FALSE(element::applies(all[1], "e", environment));
    environment["ARCH"] = "x86_64";
    EXPECT_TRUE(element::applies(all[0], "e", environment));
}

TEST(PackageInstalls, P4CompareVariables) {
    const process::Environment environment = {{"DIB_FEATURE", "1"}};
    EXPECT_FALSE(counts("{when: DIB_FEATURE=0}", environment));
    EXPECT_TRUE(counts("{when: DIB_FEATURE=1}", environment));
    EXPECT_TRUE(counts("{when: DIB_FEATURE!=0}", environment));
    EXPECT_FALSE(counts("{when: DIB_FEATURE != 1}", environment));
}

TEST(PackageInstalls, P4TakeTheQuotesOffAValue) {
    EXPECT_TRUE(counts("{when: 'FOO = \"bar\"'}", {{"FOO", "bar"}}));
    EXPECT_THAT(warnings("x: {when: 'FOO = \"bar\"'}"),
                ElementsAre(HasSubstr("the quotes around \"bar\" do not count")));
}

TEST(PackageInstalls, P4RefuseTwoEqualSigns) {
    const util::ErrorInfo error = parse_error("x:\n  when: FOO == 1\n");
    EXPECT_EQ(error.what, "p.yaml:2:9: '==' is no comparison here");
    EXPECT_THAT(error.hint, HasSubstr("FOO = "));
    EXPECT_EQ(error.code, util::ExitCode::usage);
}

TEST(PackageInstalls, P4RefuseWhatIsNoCondition) {
    for (const char* text : {"FOO", "= 1", "FOO ! 1", "'FOO < 1'", "''"}) {
        EXPECT_THAT(parse_error(std::string("x: {when: ") + text + "}").what,
                    HasSubstr("is no condition"));
    }
}

TEST(PackageInstalls, P5NameAVariableThatIsNotSet) {
    const util::ErrorInfo error = error_of([] { counts("{when: MISSING_VAR=1}", {}); });
    EXPECT_EQ(error.what, "p.yaml:1:17: the variable 'MISSING_VAR' is not set");
    EXPECT_EQ(error.code, util::ExitCode::hook);
}

TEST(PackageInstalls, P6NeedAllConditionsOfAList) {
    const process::Environment environment = {{"A", "1"}, {"B", "1"}, {"C", "1"}};
    EXPECT_TRUE(counts("{when: [A=1, B=1, C=1]}", environment));
    EXPECT_FALSE(counts("{when: [A=1, B=0, C=1]}", environment));
}

TEST(PackageInstalls, P7UninstallWhenTrue) {
    EXPECT_EQ(rule("{uninstall: True}").action, PackageAction::uninstall);
    EXPECT_EQ(rule("{uninstall: yes}").action, PackageAction::uninstall);
}

TEST(PackageInstalls, P7InstallWhenUninstallIsFalse) {
    EXPECT_EQ(rule("{uninstall: False}").action, PackageAction::install);
    EXPECT_THAT(warnings("x: {uninstall: False}"),
                ElementsAre("p.yaml:1:16: 'uninstall: False' is taken as false here; "
                            "diskimage-builder does otherwise"));
    EXPECT_THAT(parse_error("x: {uninstall: perhaps}").what, HasSubstr("takes true or false"));
}

TEST(PackageInstalls, P8InstallForTheBuildOnlyWhenTrue) {
    EXPECT_EQ(rule("{build-only: True}").action, PackageAction::install_for_build);
    EXPECT_EQ(rule("{build-only: False}").action, PackageAction::install);
    EXPECT_EQ(rule("{build-only: True, uninstall: True}").action, PackageAction::install_for_build);
}

TEST(PackageInstalls, P9TakeAPhase) {
    EXPECT_EQ(rule("{phase: pre-install.d}").phase, Phase::pre_install);
    EXPECT_EQ(rule("{phase: post-install.d}").phase, Phase::post_install);
}

TEST(PackageInstalls, P9RefuseAnotherPhase) {
    const util::ErrorInfo error = parse_error("x:\n  phase: instal.d\n");
    EXPECT_EQ(error.what, "p.yaml:2:10: packages cannot be installed in phase 'instal.d'");
    EXPECT_EQ(error.hint, "did you mean 'install.d'?");
    EXPECT_THAT(parse_error("x: {phase: finalise.d}").what, HasSubstr("'finalise.d'"));
}

TEST(PackageInstalls, P11RefuseArchWithNotArch) {
    EXPECT_THAT(parse_error("x: {arch: a, not-arch: b}").what,
                HasSubstr("'arch' and 'not-arch' exclude each other"));
}

TEST(PackageInstalls, SelectByInstallType) {
    EXPECT_TRUE(counts("{installtype: source}", {}));
    EXPECT_FALSE(counts("{installtype: package}", {}));
    EXPECT_TRUE(counts("{installtype: package}", {{"DIB_DEFAULT_INSTALLTYPE", "package"}}));
    EXPECT_TRUE(counts("{installtype: package}", {{"DIB_INSTALLTYPE_my_element", "package"}}));
}

TEST(PackageInstalls, SelectByPythonVersion) {
    EXPECT_TRUE(counts("{dib_python_version: 3}", {{"DIB_PYTHON_VERSION", "3"}}));
    EXPECT_FALSE(counts("{dib_python_version: 2}", {{"DIB_PYTHON_VERSION", "3"}}));
}

TEST(PackageInstalls, OfferTheNearestKey) {
    const util::ErrorInfo error = parse_error("x:\n  phse: install.d\n");
    EXPECT_EQ(error.what, "p.yaml:2:3: unknown key 'phse'");
    EXPECT_EQ(error.hint, "did you mean 'phase'?");
}

TEST(PackageInstalls, ReadJson) {
    const std::vector<PackageRule> all = rules(
        "{\n\t\"one\":null,\n\t\"two\": [{\"phase\":\"pre-install.d\",\"uninstall\":true}]\n}\n");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[1].action, PackageAction::uninstall);
    EXPECT_EQ(all[1].phase, Phase::pre_install);
}

TEST(PackageInstalls, RefuseWhatIsNoMapOfPackages) {
    EXPECT_THAT(parse_error("- a\n- b\n").what, StartsWith("p.yaml:1:1: "));
    EXPECT_THAT(parse_error("x: some text").what, StartsWith("p.yaml:1:4: "));
    EXPECT_THAT(parse_error("'two words':").what, HasSubstr("is no name of a package"));
    EXPECT_THAT(parse_error("x: [[{}]]").what, StartsWith("p.yaml:1:5: "));
    EXPECT_THAT(rules(""), IsEmpty());
}

} // namespace
} // namespace kiln::tests
