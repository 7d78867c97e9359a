#include "image_tree.hpp"
#include "util/text.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::tests {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class Manifest : public AsUser {
protected:
    void SetUp() override {
        AsUser::SetUp();
        if (!IsSkipped()) {
            space.emplace(GetParam());
        }
    }

    [[nodiscard]] std::string in_image(const std::string& path) const {
        return read_from_image(*space / "out/image.raw", path).value_or("nothing");
    }

    std::optional<Workspace> space{};
};

INSTANTIATE_TEST_SUITE_P(As, Manifest, testing::Values(User::root, User::plain), user_name);

TEST_P(Manifest, IsInTheImageAndBesideItWithoutSecrets) {
    space->write("elements/e/element-deps", "element-manifest\n");
    space->write("elements/e/environment.d/50-e", "export DIB_FROM_ELEMENT='a b'\n");
    space->environment["DIB_DEV_USER_PASSWORD"] = "geheim-1";
    space->environment["DIB_SOME_PROXY"] = "http://me:geheim-2@proxy:3128";
    space->environment["DIB_MARKED"] = "geheim-3";
    space->environment["KILN_SECRET_VARIABLES"] = "DIB_MARKED";
    space->must_build({"--env", "OTHER_TOKEN=geheim-4", "fake-os", "e"});
    EXPECT_EQ(in_image("/etc/dib-manifests/dib-element-manifest"),
              "fake-os\nmanifests\nelement-manifest\ne\n");
    EXPECT_EQ(in_image("/etc/dib-manifests/dib_arguments"), "fake-os e\n");
    const std::string variables = in_image("/etc/dib-manifests/dib_environment");
    EXPECT_THAT(variables,
                AllOf(HasSubstr("declare -x DIB_FROM_ELEMENT=\"a b\"\n"),
                      HasSubstr("declare -x DIB_DEV_USER_PASSWORD=\"<hidden>\"\n"),
                      HasSubstr("declare -x DIB_SOME_PROXY=\"http://<hidden>@proxy:3128\"\n"),
                      Not(HasSubstr("DIB_IMAGE_CACHE"))));
    std::string everything = space->read("out/image.raw");
    for (const char* name : {"dib_environment", "dib_arguments", "dib-element-manifest"}) {
        const std::string beside = space->read(std::string("out/image.d/dib-manifests/") + name);
        EXPECT_EQ(beside, in_image(std::string("/etc/dib-manifests/") + name));
        everything += beside;
    }
    EXPECT_THAT(everything, Not(HasSubstr("geheim")));
    EXPECT_THAT(read_image(*space / "out/image.raw").at("/etc/dib-manifests/dib_environment"),
                HasSubstr("600"));
}

class AptElements : public testing::Test {
protected:
    Workspace space{};
};

TEST_F(AptElements, SourcesAreThoseOfTheUserFromPreInstallOn) {
    space.environment["DIB_APT_SOURCES"] = space.write("list", "deb http://me:x@h/ a main\n");
    space.hook("e",
               "root.d/60-e",
               "mkdir -p $TARGET_ROOT/etc/apt/sources.list.d\n"
               "echo old > $TARGET_ROOT/etc/apt/sources.list.d/old.sources");
    space.hook("e", "pre-install.d/00-test", "cat /etc/apt/sources.list");
    space.must_build({"fake-os", "e", "apt-sources"});
    EXPECT_THAT(space.hook_output(), Contains("deb http://me:x@h/ a main"));
    EXPECT_THAT(space.hook_output(), Contains(HasSubstr("stays in the image")));
    const std::string image = space / "out/image.raw";
    EXPECT_EQ(read_from_image(image, "/etc/apt/sources.list"), "deb http://me:x@h/ a main\n");
    EXPECT_EQ(read_from_image(image, "/etc/apt/sources.list.d/old.sources"), std::nullopt);
}

TEST_F(AptElements, SourcesMayBeInDeb822Style) {
    space.environment["DIB_APT_SOURCES"] = space.write("list", "Types: deb\nURIs: http://h/\n");
    space.must_build({"fake-os", "apt-sources"});
    EXPECT_THAT(space.build_log(), Not(HasSubstr("stays in the image")));
    EXPECT_EQ(read_from_image(space / "out/image.raw", "/etc/apt/sources.list.d/sources.sources"),
              "Types: deb\nURIs: http://h/\n");
}

TEST_F(AptElements, FilesThatAreMissingStopTheBuild) {
    for (const auto& [variable, element] :
         std::map<std::string, std::string>{{"DIB_APT_SOURCES", "apt-sources"},
                                            {"DIB_APT_CONF", "apt-conf"},
                                            {"DIB_DPKG_MANIFEST", "apt-preferences"}}) {
        space.environment[variable] = space / "nowhere";
        const Finished result = space.build({"fake-os", element});
        space.environment.erase(variable);
        EXPECT_EQ(result.exit_code, 3) << element;
        EXPECT_THAT(result.err, HasSubstr(variable)) << element;
        EXPECT_THAT(result.err, HasSubstr("nowhere")) << element;
    }
}

TEST_F(AptElements, ConfAndPreferencesAreInTheImage) {
    space.environment["DIB_APT_CONF"] = space.write("conf", "APT::X \"1\";\n");
    space.environment["DIB_DPKG_MANIFEST"] =
        space.write("m", R"({"packages": [{"package": "zsh", "version": "5.9-1"}]})");
    space.hook("e", "pre-install.d/00-e", "cat /etc/apt/apt.conf");
    space.must_build({"fake-os", "e", "apt-conf", "apt-preferences"});
    EXPECT_THAT(space.hook_output(), Contains("APT::X \"1\";"));
    EXPECT_EQ(read_from_image(space / "out/image.raw", "/etc/apt/preferences"),
              "Package: zsh\nPin: version 5.9-1\nPin-Priority: 1001\n\n");
}

TEST_F(AptElements, WithoutTheirVariablesTheyDoNothing) {
    space.must_build({"fake-os", "apt-sources", "apt-conf", "apt-preferences"});
    EXPECT_EQ(read_image(space / "out/image.raw").count("/etc/apt"), 0U);
}

TEST_F(AptElements, CacheUrlKeepsAFileAsNewAsItsSource) {
    const std::string tool = std::string(KILN_SOURCE_DIR) + "/elements/cache-url/bin/cache-url";
    const std::string source = space.write("source", "one\n");
    const std::string url = "file://" + source;
    const std::string copy = space / "cache/copy";
    EXPECT_THAT(ask({tool, url, copy}).text, HasSubstr("fetched file://"));
    EXPECT_EQ(space.read("cache/copy"), "one\n");
    EXPECT_THAT(ask({tool, url, copy}).text, HasSubstr("not changed"));
    space.write("source", "two\n");
    std::filesystem::last_write_time(
        source, std::filesystem::last_write_time(source) + std::chrono::hours(1));
    EXPECT_EQ(ask({tool, url, copy}).exit_code, 0);
    EXPECT_EQ(space.read("cache/copy"), "two\n");
    const Answer missing = ask({tool, "file:///nowhere/x", copy});
    EXPECT_EQ(missing.exit_code, 1);
    EXPECT_EQ(space.read("cache/copy"), "two\n");
    EXPECT_EQ(space.list("cache"), std::vector<std::string>{"copy"});
    EXPECT_EQ(ask({tool, url}).exit_code, 1);
}

} // namespace
} // namespace kiln::tests
