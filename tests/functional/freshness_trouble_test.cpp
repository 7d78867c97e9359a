#include "image_tree.hpp"
#include "packages_fixture.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace kiln::tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* k_list = "/dists/bookworm/InRelease'";

class PackagesInTrouble : public Packages {
protected:
    [[nodiscard]] static std::string fault(const std::string& words) {
        return "/" + AptMirror::list_of("bookworm") + " " + words;
    }
};

TEST_F(PackagesInTrouble, OfAServerThatIsDownAreNotTakenWithoutAWord) {
    must_build();
    must_build();
    mirror.server().stop();
    must_be_refused(k_list);
    for (const char* word : {"--freshness=pinned", "--freshness=max-age=1h", "--offline"}) {
        const Finished result = build({word});
        EXPECT_EQ(result.exit_code, 0) << word << ": " << result.err;
        EXPECT_THAT(made({word}), IsEmpty()) << word;
    }
    EXPECT_EQ(installed(), "1");
}

TEST_F(PackagesInTrouble, AreAskedForWhenTheLastAnswerIsTooOld) {
    must_build();
    must_build();
    mirror.update("bookworm main", "app", "2");
    EXPECT_THAT(made({"--freshness=max-age=1h"}), IsEmpty());
    EXPECT_THAT(made({"--freshness=pinned"}), IsEmpty());
    std::this_thread::sleep_for(milliseconds(2100));
    EXPECT_THAT(made({"--freshness=max-age=1s"}), Contains("install.d/50-app"));
    EXPECT_EQ(installed(), "2");
}

TEST_F(PackagesInTrouble, AreJudgedByTheVariableWhereNoOptionSaysMore) {
    must_build();
    mirror.server().stop();
    space.environment["KILN_FRESHNESS"] = "pinned";
    EXPECT_THAT(made(), IsEmpty());
    EXPECT_EQ(build({"--freshness=check"}).exit_code, 5);
    space.environment["KILN_FRESHNESS"] = "often";
    const Finished wrong = build();
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_THAT(wrong.err, AllOf(HasSubstr("KILN_FRESHNESS='often'"), HasSubstr("max-age=12h")));
}

TEST_F(PackagesInTrouble, AreNotBuiltByAWordThatNobodyKnows) {
    for (const char* word : {"pined", "max-age=12", "max-age="}) {
        const Finished result = build({std::string("--freshness=") + word});
        EXPECT_EQ(result.exit_code, 2) << word;
        EXPECT_THAT(result.err, HasSubstr(std::string("--freshness='") + word)) << word;
        EXPECT_THAT(result.err, HasSubstr("max-age=12h")) << word;
    }
    EXPECT_EQ(build({"--freshness=pined", "--no-cache"}).exit_code, 2);
    EXPECT_THAT(space.list("out"), IsEmpty());
    EXPECT_THAT(mirror.server().log(), IsEmpty());
}

TEST_F(PackagesInTrouble, OfAListThatHasExpiredAreRefused) {
    must_build();
    mirror.run({"expire", "bookworm"});
    must_be_refused("has expired");
}

TEST_F(PackagesInTrouble, SignedByAnotherKeyAreRefused) {
    must_build();
    mirror.run({"publish", "bookworm", "--key", "other"});
    must_be_refused(k_list);
    mirror.run({"sign", "bookworm"});
    EXPECT_THAT(made(), IsEmpty());
}

TEST_F(PackagesInTrouble, OfAServerThatIsBusyAreAskedForAgain) {
    must_build();
    must_build();
    const int asked = mirror.server().answers(AptMirror::list_of("bookworm"));
    mirror.server().fault(fault("busy " + std::to_string(asked + 1)));
    EXPECT_THAT(made(), IsEmpty());
    EXPECT_EQ(mirror.server().answers(AptMirror::list_of("bookworm"), 503), 1);
}

TEST_F(PackagesInTrouble, WhoseListComesInHalfAreRefused) {
    must_build();
    mirror.server().fault(fault("cut 300"));
    must_be_refused(k_list);
}

/// The mirror changes while a hook is between its lists and its end.
class MovingMirror : public Packages {
protected:
    void SetUp() override {}

    /// Builds, and publishes version 2 while the hook waits.
    void build_while_it_moves() {
        Running running = space.start_build(words());
        ASSERT_TRUE(comes_true(seconds(60), [this] { return mirror.server().answers("go") > 0; }))
            << running.error_so_far();
        mirror.run({"update", "bookworm", "main", "app", "2"});
        mirror.put("go");
        const Finished result = running.wait(seconds(60));
        ASSERT_EQ(result.exit_code, 0) << result.err;
        ASSERT_EQ(installed(), "1");
    }

    std::string waiting() {
        return "\nuntil wget -q -O /dev/null " + mirror.server().url() + "/go; do sleep 0.1; done";
    }
};

TEST_F(MovingMirror, LeavesALayerThatIsKnownByWhatItUsed) {
    prepare("apt-get update\napt-get install app" + waiting());
    build_while_it_moves();
    EXPECT_THAT(made(), ElementsAre("install.d/50-app", "install.d/60-above"));
    EXPECT_THAT(said, HasSubstr("bookworm main amd64 has new packages"));
    EXPECT_EQ(installed(), "2");
    EXPECT_THAT(made(), IsEmpty());
}

TEST_F(MovingMirror, LeavesALayerWithoutListsThatNobodyTrusts) {
    prepare("apt-get update\napt-get install app" + waiting() + "\nrm -r /var/lib/apt/lists/*");
    build_while_it_moves();
    EXPECT_THAT(made({"--freshness=pinned"}), IsEmpty());
    // A list that came in the second in which a hook began may be of after its beginning.
    std::this_thread::sleep_for(milliseconds(1100));
    EXPECT_THAT(made(), ElementsAre("install.d/50-app", "install.d/60-above"));
    EXPECT_THAT(said, HasSubstr("bookworm main amd64 were used is not known"));
    EXPECT_EQ(installed(), "2");
    EXPECT_THAT(made(), IsEmpty()) << said;
}

} // namespace
} // namespace kiln::tests
