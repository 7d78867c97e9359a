#include "image_tree.hpp"
#include "packages_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* k_new_packages = "bookworm main amd64 has new packages";

/// Once asked, the list is known here, and further questions are conditional.
TEST_F(Packages, ThatAreTheSameCostOneQuestion) {
    must_build();
    EXPECT_EQ(installed(), "1");
    must_build();
    const std::size_t before = mirror.server().log().size();
    const Finished result = build();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("nothing has changed"));
    std::vector<std::string> log = mirror.server().log();
    log.erase(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(before));
    EXPECT_THAT(log,
                ElementsAre(AllOf(HasSubstr("/" + AptMirror::list_of("bookworm") + " 304"),
                                  HasSubstr("conditional=yes"))));
    EXPECT_THAT(made(), IsEmpty());
    EXPECT_EQ(mirror.server().answers(AptMirror::list_of("bookworm"), 304), 2);
}

TEST_F(Packages, ThatAreNewAreInstalledFromTheHookOnThatUsedThem) {
    must_build();
    mirror.update("bookworm main", "app", "2");
    EXPECT_THAT(made(), ElementsAre("install.d/50-app", "install.d/60-above"));
    EXPECT_THAT(said, HasSubstr("install.d/50-app (web): " + std::string(k_new_packages)));
    EXPECT_THAT(said, HasSubstr("hit   pre-install.d/10-below"));
    EXPECT_EQ(installed(), "2");
    EXPECT_THAT(made(), IsEmpty());
}

TEST_F(Packages, ThatAreNewAreNotTakenForAnUnchangedBuild) {
    must_build();
    must_build();
    mirror.update("bookworm main", "app", "2");
    const Finished result = build();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, Not(HasSubstr("nothing has changed")));
    EXPECT_THAT(result.err, HasSubstr("not current: " + std::string(k_new_packages)));
    EXPECT_EQ(installed(), "2");
}

TEST_F(Packages, ThatComeBackAreInTheCacheStill) {
    must_build();
    const std::string kept = space / "kept";
    ASSERT_EQ(ask({"cp", "-a", mirror.served("dists"), kept}).exit_code, 0);
    mirror.update("bookworm main", "app", "2");
    must_build();
    ASSERT_EQ(ask({"rm", "-r", mirror.served("dists")}).exit_code, 0);
    ASSERT_EQ(ask({"cp", "-a", kept, mirror.served("dists")}).exit_code, 0);
    EXPECT_THAT(made(), IsEmpty());
    EXPECT_EQ(installed(), "1");
}

TEST_F(Packages, OfAnotherPlaceAndANewSignatureAreNoChange) {
    must_build();
    mirror.run({"sign", "bookworm"});
    EXPECT_THAT(made(), IsEmpty());
    mirror.update("bookworm contrib", "other", "2");
    EXPECT_THAT(made(), IsEmpty());
    mirror.update("bookworm-updates main", "app", "3");
    EXPECT_THAT(made(), IsEmpty());
    EXPECT_EQ(installed(), "1");
}

TEST_F(Packages, AreExplainedAsTheBuildThenDoes) {
    must_build();
    std::vector<std::string> explain = {"cache", "explain", "-n", "-o", "image", "-t", "raw"};
    const std::vector<std::string> rest = words();
    explain.insert(explain.end(), rest.begin(), rest.end());
    const Finished same = space.kiln(explain);
    EXPECT_EQ(same.exit_code, 0) << same.err;
    EXPECT_THAT(missed_in(same.out + same.err), IsEmpty());
    mirror.update("bookworm main", "app", "2");
    const Finished changed = space.kiln(explain);
    EXPECT_THAT(missed_in(changed.out + changed.err), ElementsAre("install.d/50-app"));
    EXPECT_THAT(changed.out + changed.err, HasSubstr(k_new_packages));
    EXPECT_EQ(installed(), "1");
    EXPECT_EQ(made().front(), "install.d/50-app");
}

/// A hook that adds a repository of its own.
TEST_F(Packages, OfALateRepositoryCountForItsHookAlone) {
    space.hook("web",
               "install.d/70-late",
               "echo '" + mirror.source("late main") +
                   "' > /etc/apt/sources.list.d/zz.list\napt-get update\napt-get install tool");
    mirror.update("late main", "tool", "1");
    must_build();
    mirror.update("late main", "tool", "2");
    EXPECT_THAT(made(), ElementsAre("install.d/70-late"));
    EXPECT_THAT(said, HasSubstr("late main amd64 has new packages"));
    EXPECT_EQ(installed("tool"), "2");
    // Without the hook it does not matter that the repository is gone.
    std::filesystem::remove(space / "elements/web/install.d/70-late");
    ASSERT_EQ(ask({"rm", "-r", mirror.served("dists/late")}).exit_code, 0);
    EXPECT_THAT(made(), IsEmpty());
    EXPECT_EQ(installed("tool"), "none");
}

/// A hook that removes the lists after it has installed.
class WithoutLists : public Packages {
protected:
    void SetUp() override {
        prepare("apt-get update\napt-get install app\nrm -r /var/lib/apt/lists/*");
    }
};

TEST_F(WithoutLists, PackagesAreKnownByAQuestion) {
    must_build();
    EXPECT_THAT(made(), IsEmpty());
    mirror.update("bookworm main", "app", "2");
    EXPECT_THAT(made(), ElementsAre("install.d/50-app", "install.d/60-above"));
    EXPECT_THAT(said, HasSubstr(k_new_packages));
    EXPECT_EQ(installed(), "2");
}

TEST_F(WithoutLists, NewPackagesThatAreNotInstalledCostOneHook) {
    must_build();
    mirror.update("bookworm main", "more", "2");
    EXPECT_THAT(made(), ElementsAre("install.d/50-app"));
}

class PackagesAs : public AsUser {};

INSTANTIATE_TEST_SUITE_P(As, PackagesAs, testing::Values(User::plain), user_name);

TEST_P(PackagesAs, AreAskedForAsByRoot) {
    Workspace space(GetParam());
    AptMirror mirror;
    mirror.update("bookworm main", "app", "1");
    space.environment["DIB_FAKE_APT_KEY"] = mirror.key();
    space.environment["KILN_DOWNLOAD_TRIES"] = "1";
    space.hook("web",
               "install.d/50-app",
               "echo '" + mirror.source("bookworm main") +
                   "' > /etc/apt/sources.list.d/a.list\napt-get update\napt-get install app");
    const std::vector<std::string> words = {
        "--env", "FAKE_OS_MEGABYTES=1", "fake-os", "fake-apt", "web"};
    must_build_in(space, words);
    EXPECT_THAT(missed_in(must_build_in(space, words).err), IsEmpty());
    mirror.update("bookworm main", "app", "2");
    EXPECT_THAT(missed_in(must_build_in(space, words).err), ElementsAre("install.d/50-app"));
    EXPECT_EQ(read_from_image(space / "out/image.raw", "/usr/share/app/version"), "2\n");
    mirror.server().stop();
    EXPECT_EQ(build_in(space, words).exit_code, 5);
}

} // namespace
} // namespace kiln::tests
