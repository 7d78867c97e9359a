#include "element/environment.hpp"
#include "element/resolve_packages.hpp"
#include "element/tool_actions.hpp"
#include "unit/element/element_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::PackageLists;
using element::Phase;
using element::ResolvedPackages;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Packages : public ElementTest {
protected:
    void file(const std::string& name, const std::string& content) {
        files.write("elements/" + name, content);
    }

    [[nodiscard]] ResolvedPackages resolve(const process::Environment& environment = {}) const {
        return element::resolve_packages({at("a"), at("b")}, environment);
    }

    [[nodiscard]] process::Environment hook_environment() const {
        process::Environment environment = element::element_environment({at("a"), at("b")});
        environment["TMP_HOOKS_PATH"] = files / "hooks";
        environment["DISTRO_NAME"] = "debian";
        return environment;
    }

    void SetUp() override {
        element("a");
        element("b");
    }
};

TEST_F(Packages, P10BothFilesOfAnElementCount) {
    file("a/package-installs.yaml", "plain:\nboth: {phase: pre-install.d}\n");
    file("a/package-installs.json", R"({"fromjson": null, "both": {"phase": "install.d"}})");
    const ResolvedPackages packages = resolve();
    EXPECT_THAT(packages.phases.at(Phase::install).install,
                ElementsAre("both", "fromjson", "plain"));
    EXPECT_THAT(packages.phases.at(Phase::pre_install).install, ElementsAre("both"));
}

TEST_F(Packages, P10AWholeFileComesToWhatItsDocumentationSays) {
    file("a/package-installs.json", R"({"fromjson": null, "plain": {"phase": "post-install.d"}})");
    file("a/package-installs.yaml",
         "plain:\nnullp: null\nun_true: {uninstall: True}\nun_false: {uninstall: False}\n"
         "bo: {build-only: True}\nbo_false: {build-only: False}\npre: {phase: pre-install.d}\n"
         "post: {phase: post-install.d}\nlistp: [{phase: pre-install.d}, {arch: armhf}]\n"
         "archcomma: {arch: 'ppc64, amd64'}\narchcomma2: {arch: 'ppc64,amd64'}\n"
         "notarch_sp: {not-arch: 'ppc64, armhf'}\ninst_src: {installtype: source}\n"
         "inst_pkg: {installtype: package}\npy2: {dib_python_version: 2}\n"
         "py3: {dib_python_version: 3}\nwhensp: {when: 'FOO  =  bar'}\n"
         "whenlist: {when: [FOO = bar, FOO != x]}\nwhenq: {when: 'FOO = \"bar\"'}\n"
         "not_this: {when: FOO = x}\n");
    const ResolvedPackages packages =
        resolve({{"ARCH", "amd64"}, {"FOO", "bar"}, {"DIB_PYTHON_VERSION", "3"}});
    EXPECT_THAT(packages.phases.at(Phase::install).install,
                ElementsAre("archcomma",
                            "archcomma2",
                            "bo",
                            "bo_false",
                            "fromjson",
                            "inst_src",
                            "notarch_sp",
                            "nullp",
                            "plain",
                            "py3",
                            "un_false",
                            "whenlist",
                            "whenq",
                            "whensp"));
    EXPECT_THAT(packages.phases.at(Phase::install).uninstall, ElementsAre("bo", "un_true"));
    EXPECT_THAT(packages.phases.at(Phase::pre_install).install, ElementsAre("listp", "pre"));
    EXPECT_THAT(packages.phases.at(Phase::post_install).install, ElementsAre("plain", "post"));
    // Where diskimage-builder does otherwise: both False, two lists with blanks, the quotes.
    EXPECT_EQ(packages.warnings.size(), 5U);
}

TEST_F(Packages, P10TheFirstElementOfANameCountsAndOthersAreToldOf) {
    file("a/package-installs.yaml", "used:\n");
    files.write("later/a/package-installs.yaml", "override_dup:\n");
    files.write("later/b/README.md", "");
    process::Environment environment = hook_environment();
    environment["KILN_ELEMENTS_PATH"] = files / "elements" + ":" + (files / "later");
    const std::vector<std::string> warnings = element::write_package_lists(environment);
    EXPECT_EQ(files.read("hooks/kiln/package-installs/install.d.install"), "used\n");
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_THAT(warnings[0], HasSubstr("later/a/package-installs.yaml' is not used"));
    environment["KILN_ELEMENTS_PATH"] = files / "later" + ":" + (files / "elements");
    EXPECT_THAT(element::write_package_lists(environment), IsEmpty());
}

TEST_F(Packages, P12NothingToDoHasNoPhases) {
    EXPECT_THAT(resolve().phases, IsEmpty());
    EXPECT_THAT(resolve().warnings, IsEmpty());
}

TEST_F(Packages, P13APackageOfTwoElementsIsThereOnce) {
    file("a/package-installs.yaml", "zsh:\ncurl:\n");
    file("b/package-installs.yaml", "curl:\n");
    EXPECT_THAT(resolve().phases.at(Phase::install).install, ElementsAre("curl", "zsh"));
}

TEST_F(Packages, P8BuildOnlyPackagesAreInBothLists) {
    file("a/package-installs.yaml", "gcc: {build-only: True}\n");
    const PackageLists lists = resolve().phases.at(Phase::install);
    EXPECT_THAT(lists.install, ElementsAre("gcc"));
    EXPECT_THAT(lists.uninstall, ElementsAre("gcc"));
}

TEST_F(Packages, OneElementsInstallCancelsAnothersUninstall) {
    file("a/package-installs.yaml", "gcc: {build-only: True}\nvim: {uninstall: True}\n");
    file("b/package-installs.yaml", "gcc: {phase: pre-install.d}\n");
    const ResolvedPackages packages = resolve();
    EXPECT_THAT(packages.phases.at(Phase::install).install, ElementsAre("gcc"));
    EXPECT_THAT(packages.phases.at(Phase::install).uninstall, ElementsAre("vim"));
    EXPECT_THAT(
        packages.warnings,
        ElementsAre("package 'gcc' is not removed for element 'a': element 'b' installs it"));
}

TEST_F(Packages, AnElementMayRemoveWhatItInstalledItself) {
    file("a/package-installs.yaml",
         "gcc: [{phase: install.d}, {phase: post-install.d, uninstall: True}]\n");
    const ResolvedPackages packages = resolve();
    EXPECT_THAT(packages.phases.at(Phase::post_install).uninstall, ElementsAre("gcc"));
    EXPECT_THAT(packages.warnings, IsEmpty());
}

TEST_F(Packages, NamesGoThroughThePkgMapOfTheirElement) {
    file("a/package-installs.yaml", "web:\nunmapped:\nnone:\n");
    file("a/pkg-map", R"({"family": {"debian": {"web": "nginx nginx-extras", "none": ""}}})");
    file("b/package-installs.yaml", "web:\n");
    EXPECT_THAT(resolve({{"DISTRO_NAME", "debian"}}).phases.at(Phase::install).install,
                ElementsAre("nginx", "nginx-extras", "unmapped", "web"));
}

TEST_F(Packages, M10APkgMapNeedsTheNameOfTheDistribution) {
    file("a/package-installs.yaml", "web:\n");
    file("a/pkg-map", R"({"default": {"web": "nginx"}})");
    const util::ErrorInfo error = error_of([&] { static_cast<void>(resolve()); });
    EXPECT_THAT(error.what, HasSubstr("DISTRO_NAME is not set"));
    EXPECT_EQ(error.code, util::ExitCode::hook);
}

TEST_F(Packages, RefusesAFileOfManyMegabytes) {
    file("a/package-installs.yaml", std::string((1024 * 1024) + 1, ' '));
    const util::ErrorInfo error = error_of([&] { static_cast<void>(resolve()); });
    EXPECT_THAT(error.what, HasSubstr("is larger than 1.0 MiB"));
}

TEST_F(Packages, AreWrittenForTheChroot) {
    file("a/package-installs.yaml",
         "zsh:\ncurl:\ngcc: {phase: pre-install.d, build-only: True}\nx: {uninstall: False}\n");
    files.write("hooks/kiln/package-installs/post-install.d.install", "stale\n");
    EXPECT_EQ(element::write_package_lists(hook_environment()).size(), 1U);
    EXPECT_EQ(files.read("hooks/kiln/package-installs/install.d.install"), "curl\nx\nzsh\n");
    EXPECT_EQ(files.read("hooks/kiln/package-installs/pre-install.d.uninstall"), "gcc\n");
    EXPECT_FALSE(files.has("hooks/kiln/package-installs/install.d.uninstall"));
    EXPECT_FALSE(files.has("hooks/kiln/package-installs/post-install.d.install"));
}

TEST_F(Packages, TablesAreWrittenForTheChroot) {
    file("a/pkg-map",
         R"({"default": {"w": "nginx  x", "n": ""},
             "release": {"debian": {"12": {"w": "r"}}}, "family": {"redhat": {"w": "httpd"}}})");
    EXPECT_THAT(element::write_pkg_map_tables(hook_environment()), IsEmpty());
    EXPECT_EQ(files.read("hooks/kiln/pkg-map/a.tsv"),
              "default\t-\t-\tw\tnginx x\n"
              "default\t-\t-\tn\t\n"
              "release\tdebian\t12\tw\tr\n"
              "family\tredhat\t-\tw\thttpd\n");
    EXPECT_FALSE(files.has("hooks/kiln/pkg-map/b.tsv"));
}

TEST_F(Packages, NeedTheEnvironmentOfAHook) {
    const util::ErrorInfo error = error_of([] { element::write_package_lists({}); });
    EXPECT_EQ(error.what, "the variable 'IMAGE_ELEMENT_YAML' is not set");
    EXPECT_EQ(error.code, util::ExitCode::hook);
}

} // namespace
} // namespace kiln::tests
