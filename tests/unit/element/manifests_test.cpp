#include "element/apt_preferences.hpp"
#include "element/environment.hpp"
#include "element/manifests.hpp"
#include "element/source_plan.hpp"
#include "element/tree_path.hpp"
#include "unit/element/element_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Manifests : public ElementTest {
protected:
    Manifests() {
        environment = {{"TMP_MOUNT_PATH", files.directory("tree")},
                       {"TMP_BUILD_DIR", files.directory("build")},
                       {"TMP_HOOKS_PATH", files.directory("hooks")},
                       {"IMAGE_ELEMENT", "os base"},
                       {"IMAGE_ELEMENT_YAML", "{}"},
                       {"IMAGE_NAME", "out/web"}};
    }

    process::Environment environment{};
};

TEST_F(Manifests, ListTheElements) {
    element::write_element_manifest(environment);
    EXPECT_EQ(files.read("tree/etc/dib-manifests/dib-element-manifest"), "os\nbase\n");
    environment["DIB_ELEMENT_MANIFEST_PATH"] = "/usr/share/elements";
    element::write_element_manifest(environment);
    EXPECT_EQ(files.read("tree/usr/share/elements"), "os\nbase\n");
}

TEST_F(Manifests, HoldTheVariablesOfTheBuildButNoSecrets) {
    environment["DIB_RELEASE"] = "trixie";
    environment["DIB_DEV_USER_PASSWORD"] = "geheim";
    environment["DIB_DISTRIBUTION_MIRROR"] = "http://me:geheim@mirror/debian";
    environment["DIB_EXTRA"] = "a \"b\" $c";
    environment["DIB_MINE"] = "geheim";
    environment["KILN_SECRET_VARIABLES"] = "OTHER,DIB_MINE";
    environment["OTHER"] = "geheim";
    environment["DIB_IMAGE_CACHE"] = "/home/me/cache";
    environment["DIB_ARGS"] = "os web --env X_TOKEN=geheim --env OTHER=geheim";
    element::write_build_manifests(environment);
    const std::string text = files.read("tree/etc/dib-manifests/dib_environment");
    EXPECT_EQ(text,
              "declare -x DIB_DEV_USER_PASSWORD=\"<hidden>\"\n"
              "declare -x DIB_DISTRIBUTION_MIRROR=\"http://<hidden>@mirror/debian\"\n"
              "declare -x DIB_EXTRA=\"a \\\"b\\\" \\$c\"\n"
              "declare -x DIB_MINE=\"<hidden>\"\n"
              "declare -x DIB_RELEASE=\"trixie\"\n");
    EXPECT_EQ(files.read("tree/etc/dib-manifests/dib_arguments"),
              "os web --env X_TOKEN=<hidden> --env OTHER=<hidden>\n");
    EXPECT_EQ(
        std::filesystem::status(files / "tree/etc/dib-manifests/dib_environment").permissions(),
        std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Manifests, GiveTheListOfPackagesTheNameOfTheImage) {
    environment["DIB_MANIFEST_IMAGE_DIR"] = "/usr/share/m";
    files.write("tree/usr/share/m/dib-manifest-dpkg", "{}\n");
    element::write_build_manifests(environment);
    EXPECT_EQ(files.read("tree/usr/share/m/dib-manifest-dpkg-web"), "{}\n");
    EXPECT_FALSE(files.has("tree/usr/share/m/dib-manifest-dpkg"));
}

TEST_F(Manifests, StayInTheImage) {
    files.link("/../../../../outside", "tree/etc/dib-manifests");
    EXPECT_FALSE(files.has("outside"));
    files.directory("tree/outside");
    element::write_element_manifest(environment);
    EXPECT_EQ(files.read("tree/outside/dib-element-manifest"), "os\nbase\n");
    for (const char* path : {"relative/path", "/a/../../b"}) {
        environment["DIB_MANIFEST_IMAGE_DIR"] = path;
        const util::ErrorInfo error =
            error_of([&] { element::write_build_manifests(environment); });
        EXPECT_THAT(error.what, HasSubstr("DIB_MANIFEST_IMAGE_DIR="));
        EXPECT_EQ(error.code, util::ExitCode::hook);
    }
}

TEST_F(Manifests, SourcesArePlannedFromTheHooksTree) {
    files.write("hooks/source-repository-b", "b git /b https://me:geheim@h/b ref\n");
    files.write("hooks/source-repository-a", "a tar /a http://h/a\n");
    files.write("hooks/source-repository-a~", "nonsense\n");
    element::write_source_plan(environment);
    const std::string plan = files.read("build/source-repositories/plan");
    EXPECT_EQ(plan.rfind("a\ttar\t/a\thttp://h/a\t-\ta_", 0), 0U) << plan;
    EXPECT_THAT(plan, HasSubstr("\nb\tgit\t/b\thttps://me:geheim@h/b\tref\tb_"));
    EXPECT_THAT(plan, HasSubstr(".git\thttps://h/b\n"));
    environment["NO_SOURCE_REPOSITORIES"] = "1";
    element::write_source_plan(environment);
    EXPECT_EQ(files.read("build/source-repositories/plan"), "");
}

TEST_F(Manifests, SourceFilesOfOneNameMustNotDiffer) {
    element("x");
    element("y");
    files.write("elements/x/source-repository-a", "a git /a u\n");
    files.write("elements/y/source-repository-a", "a git /a u\n");
    files.write("hooks/source-repository-a", "a git /a u\n");
    environment["IMAGE_ELEMENT_YAML"] =
        element::element_environment({at("x"), at("y")}).at("IMAGE_ELEMENT_YAML");
    EXPECT_THAT(element::sources_of_build(environment), SizeIs(1));
    files.write("elements/y/source-repository-a", "a git /a v\n");
    const util::ErrorInfo error =
        error_of([&] { static_cast<void>(element::sources_of_build(environment)); });
    EXPECT_THAT(error.what, HasSubstr("two different files of one name"));
    files.write("elements/y/source-repository-a", "a git /a u\n");
    files.write("hooks/source-repository-a", "a gti /a u\n");
    EXPECT_THAT(error_of([&] { static_cast<void>(element::sources_of_build(environment)); }).what,
                HasSubstr("elements/x/source-repository-a:1: "));
}

TEST_F(Manifests, FetchedSourcesAreRecorded) {
    files.write("build/source-repositories/destinations", "/opt/a\n");
    files.write("build/source-repositories/git-manifest", "a git /opt/a https://h/a 0123\n");
    files.write("tree/etc/dib-source-repositories", "/opt/before\n");
    element::record_sources(environment);
    EXPECT_EQ(files.read("tree/etc/dib-source-repositories"), "/opt/before\n/opt/a\n");
    EXPECT_EQ(files.read("tree/etc/dib-manifests/dib-manifest-git-web"),
              "a git /opt/a https://h/a 0123\n");
}

TEST_F(Manifests, PathsOfTheTreeLeadNowhereElse) {
    files.link("/etc", "tree/link");
    files.directory("tree/etc");
    const util::RootDir tree(files / "tree");
    EXPECT_EQ(element::folder_on_host(tree, "/link/new/x"), files / "tree/etc/new/x");
    EXPECT_EQ(element::file_on_host(tree, "/link/file"), files / "tree/etc/file");
    EXPECT_TRUE(files.has("tree/etc/new/x"));
    files.write("tree/etc/file", "");
    EXPECT_THAT(error_of([&] { element::folder_on_host(tree, "/etc/file"); }).what,
                HasSubstr("is no folder"));
    EXPECT_THAT(error_of([&] { element::file_on_host(tree, "/etc"); }).what,
                HasSubstr("is a folder of the image"));
}

TEST(AptPreferences, PinEveryPackageOfAManifest) {
    EXPECT_EQ(element::apt_preferences(
                  R"({"packages": [
    {"package": "libc6:amd64", "arch": "amd64", "version": "1:2.36-9~x+1", "status": "ii "},
    {"package": "zsh", "version": "5.9"}
]})",
                  "m"),
              "Package: libc6:amd64\nPin: version 1:2.36-9~x+1\nPin-Priority: 1001\n\n"
              "Package: zsh\nPin: version 5.9\nPin-Priority: 1001\n\n");
    EXPECT_EQ(element::apt_preferences(R"({"packages": []})", "m"), "");
}

TEST(AptPreferences, SayWhatIsNoManifest) {
    const auto error = [](const std::string& text) {
        return error_of([&] { static_cast<void>(element::apt_preferences(text, "m")); }).what;
    };
    EXPECT_THAT(error("[]"), HasSubstr("m:1:1: this is no manifest"));
    EXPECT_THAT(error("{}"), HasSubstr("this is no manifest"));
    EXPECT_THAT(error(R"({"packages": [{"package": "a"}]})"), HasSubstr("without 'version'"));
    EXPECT_THAT(error(R"({"packages": [{"package": "a\nPin: x", "version": "1"}]})"),
                HasSubstr("is no package"));
    EXPECT_THAT(error(R"({"packages": [{"package": "a", "version": ""}]})"),
                HasSubstr("is no version"));
    const util::ErrorInfo missing = error_of([] {
        element::write_apt_preferences({{"DIB_DPKG_MANIFEST", "/nowhere"}});
    });
    EXPECT_THAT(missing.what, HasSubstr("DIB_DPKG_MANIFEST: there is no file '/nowhere'"));
}

} // namespace
} // namespace kiln::tests
