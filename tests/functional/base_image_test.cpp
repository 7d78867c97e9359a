#include "base_mirror.hpp"
#include "ends.hpp"
#include "image_tree.hpp"
#include "util/fd.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>

#include <chrono>
#include <fstream>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* k_cache = "cache/kiln/base-images";

class BaseImage : public testing::Test {
protected:
    [[nodiscard]] Finished build() const { return space.build({"--no-cache", "on-base"}); }

    void must_build(const std::string& marker) const {
        const Finished result = build();
        ASSERT_EQ(result.exit_code, 0) << result.err;
        EXPECT_THAT(space.hook_output(), Contains("marker: " + marker));
    }

    /// It ends with an error that has the text, and neither an image nor a download is kept.
    void must_be_refused(const std::string& text, int exit_code = 5) const {
        const Finished result = build();
        EXPECT_EQ(result.exit_code, exit_code);
        EXPECT_THAT(result.err, HasSubstr(text));
        EXPECT_THAT(result.err, Not(HasSubstr("failed with exit code")));
        EXPECT_THAT(images(), IsEmpty());
        EXPECT_THAT(space.list("out"), IsEmpty());
    }

    [[nodiscard]] std::vector<std::string> images() const {
        return space.list(std::string(k_cache) + "/images");
    }

    [[nodiscard]] std::vector<std::string> parts() const {
        return space.list(std::string(k_cache) + "/partial");
    }

    /// The cached image; its sidecar has ".json" after it.
    [[nodiscard]] std::string cached() const {
        for (const std::string& name : images()) {
            if (name.find(".json") == std::string::npos) {
                return space / (std::string(k_cache) + "/images/" + name);
            }
        }
        return "";
    }

    Workspace space{};
    BaseMirror mirror{space};
};

TEST_F(BaseImage, IsFetchedCheckedAndUnpacked) {
    mirror.publish("base.raw", "one");
    must_build("one");
    EXPECT_THAT(images(), SizeIs(2));
    EXPECT_THAT(parts(), IsEmpty());
    const auto kept = read_from_image(space / "out/image.raw", "/marker");
    EXPECT_EQ(kept, "one\n");
}

TEST_F(BaseImage, MayBeATarArchive) {
    space.environment["BASE_IMAGE_FILE"] = "base.tar.xz";
    mirror.publish("base.tar.xz", "tar");
    must_build("tar");
}

TEST_F(BaseImage, IsNotFetchedAgainWhileItsListIsTheSame) {
    mirror.publish("base.raw", "one");
    must_build("one");
    must_build("one");
    EXPECT_EQ(mirror.answers("base.raw"), 1);
    EXPECT_EQ(mirror.answers("SHA256SUMS", 304), 1);
    EXPECT_EQ(mirror.answers("SHA256SUMS.gpg"), 1);
}

TEST_F(BaseImage, IsFetchedAnewWhenItsListHasChanged) {
    mirror.publish("base.raw", "one");
    must_build("one");
    mirror.publish("base.raw", "two");
    must_build("two");
    EXPECT_EQ(mirror.answers("base.raw", 200), 2);
}

TEST_F(BaseImage, WithAWrongChecksumIsRefusedAndNotKept) {
    mirror.publish("base.raw", "one");
    std::fstream(mirror.file("base.raw"), std::ios::in | std::ios::out).seekp(5000).write("X", 1);
    must_be_refused("does not have the checksum that it should");
    EXPECT_THAT(parts(), IsEmpty());
}

TEST_F(BaseImage, OfAListThatChangedAfterItWasSignedIsRefused) {
    mirror.publish("base.raw", "one");
    std::ofstream(mirror.file("SHA256SUMS"), std::ios::app) << "# changed\n";
    must_be_refused("the signature does not belong to this list");
    EXPECT_EQ(mirror.answers("base.raw"), 0);
}

TEST_F(BaseImage, WithoutASignatureIsRefused) {
    mirror.publish("base.raw", "one");
    fs::remove(mirror.file("SHA256SUMS.gpg"));
    must_be_refused("SHA256SUMS.gpg': the server answered 404");
    EXPECT_EQ(mirror.answers("base.raw"), 0);
}

TEST_F(BaseImage, SignedByAKeyThatIsNotInTheKeyringIsRefused) {
    mirror.publish("base.raw", "one");
    mirror.list("other");
    must_be_refused("is not in the keyring");
    EXPECT_EQ(mirror.answers("base.raw"), 0);
}

TEST_F(BaseImage, IsTakenByThatPartOfAListThatIsSigned) {
    mirror.publish("base.raw", "one");
    mirror.list_inline();
    space.environment["KILN_BASE_SIGNATURE"] = "inline";
    std::ofstream(mirror.file("SHA256SUMS"), std::ios::app)
        << std::string(64, '0') << "  base.raw\n";
    must_build("one");
    const std::string list = util::read_file(mirror.file("SHA256SUMS"));
    std::ofstream(mirror.file("SHA256SUMS")) << std::string(64, '0') << "  base.raw\n" << list;
    const Finished result = build();
    EXPECT_EQ(result.exit_code, 5);
    EXPECT_THAT(result.err, HasSubstr("is not signed"));
}

TEST_F(BaseImage, OverHttpNeedsSomethingThatVouchesForIt) {
    mirror.publish("base.raw", "one");
    space.environment.erase("KILN_BASE_KEYRING");
    must_be_refused("nothing vouches for", 2);
    EXPECT_THAT(mirror.log(), IsEmpty());
    space.environment["KILN_BASE_UNSIGNED"] = "1";
    must_build("one");
}

TEST_F(BaseImage, ThatIsCutShortIsRefusedAndGoesOnLater) {
    mirror.publish("base.raw", "one");
    mirror.fault("/base.raw cut 3000000");
    space.environment["KILN_DOWNLOAD_TRIES"] = "1";
    must_be_refused("the connection ended before the file did");
    EXPECT_THAT(parts(), SizeIs(2));
    mirror.heal();
    must_build("one");
    EXPECT_THAT(mirror.log(), Contains(HasSubstr("/base.raw 206")));
    EXPECT_THAT(parts(), IsEmpty());
}

TEST_F(BaseImage, ThatIsCutShortOnceIsCompletedInTheSameBuild) {
    mirror.publish("base.raw", "one");
    mirror.fault("/base.raw cut-once 3000000");
    must_build("one");
    EXPECT_THAT(mirror.log(), Contains(HasSubstr("/base.raw 206 bytes=13777216")));
}

TEST_F(BaseImage, ThatStallsIsGivenUp) {
    mirror.publish("base.raw", "one");
    mirror.fault("/base.raw stall 100000");
    space.environment["KILN_DOWNLOAD_TRIES"] = "1";
    const Finished result = build();
    EXPECT_EQ(result.exit_code, 5);
    EXPECT_THAT(result.err, HasSubstr("nothing came for 2 s"));
    EXPECT_LT(result.took, seconds(30));
    EXPECT_THAT(images(), IsEmpty());
}

TEST_F(BaseImage, WhosePartBelongsToAnOlderImageIsFetchedFromTheStart) {
    mirror.publish("base.raw", "one");
    mirror.fault("/base.raw cut 3000000");
    space.environment["KILN_DOWNLOAD_TRIES"] = "1";
    must_be_refused("the connection ended before the file did");
    mirror.publish("base.raw", "two");
    mirror.heal();
    must_build("two");
}

TEST_F(BaseImage, ComesFromTheCacheWithoutARequestWhenOffline) {
    mirror.publish("base.raw", "one");
    must_build("one");
    const std::size_t requests = mirror.log().size();
    const Finished offline = space.build({"--offline", "on-base"});
    EXPECT_EQ(offline.exit_code, 0) << offline.err;
    EXPECT_THAT(mirror.log(), SizeIs(requests));
}

TEST_F(BaseImage, ThatIsNotInTheCacheIsAnErrorWhenOffline) {
    mirror.publish("base.raw", "one");
    const Finished offline = space.build({"--offline", "on-base"});
    EXPECT_EQ(offline.exit_code, 5);
    EXPECT_THAT(offline.err, HasSubstr("build once without --offline"));
    EXPECT_THAT(mirror.log(), IsEmpty());
}

TEST_F(BaseImage, IsNeverTakenFromTheCacheWithoutAWordWhenTheServerIsDown) {
    mirror.publish("base.raw", "one");
    must_build("one");
    mirror.fault("/SHA256SUMS busy 100");
    const Finished result = build();
    EXPECT_EQ(result.exit_code, 5);
    EXPECT_THAT(result.err, HasSubstr("--offline"));
}

TEST_F(BaseImage, ThatWasDamagedInTheCacheIsFetchedAgain) {
    mirror.publish("base.raw", "one");
    must_build("one");
    std::fstream(cached(), std::ios::in | std::ios::out).seekp(5000).write("X", 1);
    must_build("one");
    EXPECT_EQ(mirror.answers("base.raw", 200), 2);
    EXPECT_THAT(space.build_log(), HasSubstr("was damaged in the cache"));
}

TEST_F(BaseImage, IsFetchedOnceByTwoBuildsAtTheSameTime) {
    mirror.publish("base.raw", "one");
    mirror.fault("/base.raw slow 8000000");
    Workspace second;
    second.environment = space.environment;
    second.environment["XDG_STATE_HOME"] = second / "state";
    Running other = second.start_build({"on-base"});
    const Finished first = build();
    const Finished last = other.wait(seconds(60));
    EXPECT_EQ(first.exit_code, 0) << first.err;
    EXPECT_EQ(last.exit_code, 0) << last.err;
    EXPECT_EQ(mirror.answers("base.raw"), 1);
}

TEST_F(BaseImage, GoesOnAfterABuildThatWasKilled) {
    mirror.publish("base.raw", "one");
    mirror.fault("/base.raw slow 3000000");
    {
        const Running killed = space.start_build({"on-base"});
        ASSERT_TRUE(comes_true(seconds(30), [&] {
            return !parts().empty() &&
                   fs::file_size(space / (std::string(k_cache) + "/partial/" + parts().front())) >
                       2000000;
        }));
    }
    mirror.heal();
    must_build("one");
    EXPECT_THAT(mirror.log(), Contains(HasSubstr("/base.raw 206")));
    EXPECT_THAT(parts(), IsEmpty());
}

TEST_F(BaseImage, IsGivenUpAtOnceBySigint) {
    mirror.publish("base.raw", "one");
    mirror.fault("/base.raw stall 3000000");
    space.environment["KILN_DOWNLOAD_STALL"] = "60";
    Running stopped = space.start_build({"on-base"});
    ASSERT_TRUE(comes_true(seconds(30), [&] { return !parts().empty(); }));
    ::kill(stopped.pid(), SIGINT);
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(stopped.wait(seconds(20)).signal, SIGINT);
    EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(5));
    EXPECT_THAT(images(), IsEmpty());
}

TEST_F(BaseImage, FailsByItselfWithTheCodesOfTheProgram) {
    mirror.publish("base.raw", "one");
    const std::string target = space / "target";
    fs::create_directory(target);
    space.environment["TARGET_ROOT"] = target;
    space.environment["DIB_IMAGE_CACHE"] = space / "cache";
    mirror.fault("/base.raw cut 1000");
    EXPECT_EQ(space.kiln({"tool", "base-image"}).exit_code, 5);
    space.environment["KILN_BASE_KEYRING"] = "/nowhere/keys.gpg";
    EXPECT_EQ(space.kiln({"tool", "base-image"}).exit_code, 4);
    space.environment["KILN_BASE_CACHE_SIZE"] = "much";
    EXPECT_EQ(space.kiln({"tool", "base-image"}).exit_code, 2);
    EXPECT_TRUE(fs::is_empty(target));
}

TEST_F(BaseImage, ThatFailsEndsTheBuildWithItsErrorItsHintAndItsCode) {
    mirror.publish("base.raw", "one");
    space.environment["KILN_BASE_KEYRING"] = "/nowhere/keys.gpg";
    const Finished result = build();
    EXPECT_EQ(result.exit_code, 4);
    EXPECT_THAT(result.err, HasSubstr("error: the keyring '/nowhere/keys.gpg'"));
    EXPECT_THAT(result.err, HasSubstr("KILN_BASE_KEYRING=FILE"));
    EXPECT_THAT(result.err, HasSubstr("hook '"));
    space.environment["KILN_BASE_CACHE_SIZE"] = "much";
    must_be_refused("error: KILN_BASE_CACHE_SIZE='much' is no size", 2);
}

TEST_F(BaseImage, WithoutASystemInItIsRefused) {
    mirror.publish("base.raw", "one");
    fs::remove(mirror.file("base.raw"));
    ASSERT_EQ(ask({"mke2fs", "-q", "-t", "ext4", mirror.file("base.raw"), "8M"}).exit_code, 0);
    mirror.list();
    const Finished result = build();
    EXPECT_NE(result.exit_code, 0);
    EXPECT_THAT(result.err, AnyOf(HasSubstr("os-release"), HasSubstr("system")));
}

TEST_F(BaseImage, MakesRoomForANewerOneInTheCache) {
    space.environment["KILN_BASE_CACHE_SIZE"] = "20MB";
    mirror.publish("base.raw", "one");
    must_build("one");
    const std::string first = cached();
    mirror.publish("base.raw", "two");
    must_build("two");
    EXPECT_FALSE(fs::exists(first));
    EXPECT_THAT(images(), SizeIs(2));
}

TEST_F(BaseImage, IsNotReadThroughARedirectToAFile) {
    mirror.publish("base.raw", "one");
    mirror.fault("/SHA256SUMS redirect file://" + mirror.file("SHA256SUMS"));
    must_be_refused("cannot fetch");
}

TEST_F(BaseImage, MayBeNamedByItsDigestAlone) {
    mirror.publish("base.raw", "one");
    const std::string sums = ask({"sha256sum", mirror.file("base.raw")}).text;
    space.environment["KILN_BASE_DIGEST"] = "sha256:" + sums.substr(0, 64);
    must_build("one");
    EXPECT_EQ(mirror.answers("SHA256SUMS"), 0);
}

TEST_F(BaseImage, MayBeAFileOfThisMachine) {
    mirror.publish("base.raw", "local");
    space.environment["DIB_LOCAL_IMAGE"] = mirror.file("base.raw");
    must_build("local");
    EXPECT_THAT(mirror.log(), IsEmpty());
}

TEST_F(BaseImage, PasswordInAnAddressIsShownNowhere) {
    mirror.publish("base.raw", "one");
    const std::string address = mirror.url();
    space.environment["DIB_CLOUD_IMAGES"] = "http://user:opensesame@" + address.substr(7);
    mirror.fault("/base.raw cut-once 3000000");
    const Finished result = space.build({"-v", "on-base"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err + space.build_log(), Not(HasSubstr("opensesame")));
    const Answer kept = ask({"grep", "-rl", "opensesame", space / "cache"});
    EXPECT_EQ(kept.exit_code, 1) << kept.text;
}

/// The hooks of element ubuntu over a base that has such package sources.
class UbuntuSources : public BaseImage {
protected:
    std::string build_with(const std::string& name, const std::string& content) {
        mirror.publish("base.raw", "one");
        for (const char* hook :
             {"pre-install.d/00-ubuntu-mirror", "finalise.d/93-ubuntu-image-sources"}) {
            const std::string source = std::string(KILN_SOURCE_DIR "/elements/ubuntu/") + hook;
            space.write(std::string("elements/on-base/") + hook, util::read_file(source), 0755);
        }
        space.hook("on-base",
                   "root.d/60-sources",
                   "file=$TARGET_ROOT" + name + "\nmkdir -p \"${file%/*}\"\nprintf '" + content +
                       "' >\"$file\"");
        const Finished result = build();
        EXPECT_EQ(result.exit_code, 0) << result.err;
        return read_from_image(space / "out/image.raw", name).value_or("");
    }
};

TEST_F(UbuntuSources, OfTheBaseStayWithoutAMirror) {
    const std::string text = "Types: deb\nURIs: http://a.test/ubuntu/\n";
    EXPECT_EQ(build_with("/etc/apt/sources.list.d/ubuntu.sources", text), text);
}

TEST_F(UbuntuSources, GetTheMirrorInTheirPlace) {
    space.environment["DIB_DISTRIBUTION_MIRROR"] = "http://mirror.test/u";
    EXPECT_EQ(build_with("/etc/apt/sources.list.d/ubuntu.sources",
                         "Types: deb\nURIs: http://a.test/ubuntu/\nSuites: noble\n# URIs: x\n"),
              "Types: deb\nURIs: http://mirror.test/u\nSuites: noble\n# URIs: x\n");
}

TEST_F(UbuntuSources, AreThoseOfTheHostOnlyWhileItIsBuilt) {
    const std::string name = "/etc/apt/sources.list.d/ubuntu.sources";
    space.hook("on-base",
               "extra-data.d/01-host",
               "mkdir -p $TMP_HOOKS_PATH/kiln\necho http://host.test/u "
               ">$TMP_HOOKS_PATH/kiln/ubuntu-mirror");
    space.hook("on-base", "install.d/60-sources", "cat " + name);
    EXPECT_EQ(build_with(name, "URIs: http://a.test/ubuntu/\n"), "URIs: http://a.test/ubuntu/\n");
    EXPECT_THAT(space.hook_output(), Contains("URIs: http://host.test/u"));
}

TEST_F(UbuntuSources, OfOneLineGetTheMirrorButForThoseLeftOut) {
    space.environment["DIB_DISTRIBUTION_MIRROR"] = "http://mirror.test/u";
    space.environment["DIB_DISTRIBUTION_MIRROR_UBUNTU_IGNORE"] = "(universe|multiverse)";
    EXPECT_EQ(build_with("/etc/apt/sources.list",
                         "# deb http://a.test/ubuntu noble main\n"
                         "deb [arch=amd64] http://a.test/ubuntu noble main\n"
                         "deb http://a.test/ubuntu noble universe\n"),
              "# deb http://a.test/ubuntu noble main\n"
              "deb [arch=amd64] http://mirror.test/u noble main\n"
              "deb http://a.test/ubuntu noble universe\n");
}

class BaseImageAs : public AsUser {};

INSTANTIATE_TEST_SUITE_P(As, BaseImageAs, testing::Values(User::plain), user_name);

TEST_P(BaseImageAs, IsUsedAndRefusedAsByRoot) {
    Workspace space(GetParam());
    BaseMirror mirror(space);
    mirror.publish("base.raw", "one");
    const Finished good = space.build({"on-base"});
    ASSERT_EQ(good.exit_code, 0) << good.err;
    EXPECT_EQ(read_from_image(space / "out/image.raw", "/marker"), "one\n");
    const Finished offline = space.build({"--offline", "on-base"});
    EXPECT_EQ(offline.exit_code, 0) << offline.err;
    mirror.list("other");
    const Finished bad = space.build({"on-base"});
    EXPECT_EQ(bad.exit_code, 5);
    EXPECT_THAT(bad.err, HasSubstr("is not in the keyring"));
}

} // namespace
} // namespace kiln::tests
