#include "build_watch.hpp"
#include "cache_watch.hpp"
#include "util/text.hpp"

#include <gmock/gmock.h>

#include <signal.h>

#include <map>

namespace kiln::tests {
namespace {

using std::chrono::seconds;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

const std::vector<std::string> k_together_words = {
    "--env", "FAKE_OS_MEGABYTES=2", "fake-os", "steps"};

/// Builds of one list in one cache, each with an output folder of its own.
class Together : public testing::Test {
protected:
    void SetUp() override {
        if (!reason_to_skip(current_user()).empty()) {
            GTEST_SKIP() << reason_to_skip(current_user());
        }
        space.hook("steps",
                   "root.d/50-count",
                   "echo once >> '" + space / "out/count" +
                       "'\nsleep 0.2\necho root > $TARGET_ROOT/steps");
        for (const char* hook :
             {"install.d/50-one", "install.d/60-two", "post-install.d/70-three"}) {
            space.hook("steps", hook, "sleep 0.2; echo 0 >> /steps; md5sum /steps > /sum");
        }
    }

    Running start(int number) {
        const std::string output = "out-" + std::to_string(number);
        std::filesystem::remove(space.write(output + "/made", ""));
        return Running(cached_build(space, k_together_words, {.output = output}));
    }

    [[nodiscard]] std::string image(int number) const {
        return space / ("out-" + std::to_string(number) + "/image.raw");
    }

    /// Each layer was made by one of the builds.
    static void expect_one_miss_each(const std::vector<Finished>& results) {
        std::map<std::string, int> misses;
        for (const Finished& result : results) {
            for (const std::string& title : missed_in(result.err)) {
                ++misses[title];
            }
        }
        for (const char* hook : {"root.d/10-fake-os",
                                 "root.d/50-count",
                                 "install.d/50-one",
                                 "install.d/60-two",
                                 "post-install.d/70-three"}) {
            EXPECT_EQ(misses[hook], 1) << hook;
        }
    }

    void expect_one_layer_each() const {
        const auto layers = stored_layers(space);
        for (const auto& [hook, name] : layers) {
            EXPECT_EQ(layers.count(hook), 1U) << hook;
        }
        EXPECT_EQ(layers.size(), 5U);
    }

    Workspace space{};
};

TEST_F(Together, ThreeBuildsDoTheWorkOnce) {
    std::vector<Running> builds;
    for (int number = 0; number < 3; ++number) {
        builds.push_back(start(number));
    }
    std::vector<Finished> results;
    for (Running& build : builds) {
        results.push_back(build.wait(seconds(90)));
        EXPECT_EQ(results.back().exit_code, 0) << results.back().err;
    }
    expect_one_miss_each(results);
    expect_one_layer_each();
    EXPECT_EQ(space.read("out/count"), "once\n");
    const std::string expected = build_cold(space, k_together_words);
    for (int number = 0; number < 3; ++number) {
        expect_same_image(image(number), expected);
    }
    expect_clean_cache(space);
}

TEST_F(Together, ABuildSaysThatItWaitsForAnother) {
    Running first = start(0);
    ASSERT_TRUE(comes_true(seconds(60), [&] { return space.has("out/count"); }));
    Running second = start(1);
    const Finished result = second.wait(seconds(90));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("another build makes the layer of "));
    EXPECT_EQ(first.wait(seconds(90)).exit_code, 0);
    expect_one_layer_each();
}

TEST_F(Together, ABuildGoesOnWhenTheOtherIsKilled) {
    Running first = start(0);
    ASSERT_TRUE(first.says("miss  root.d/50-count", seconds(60))) << first.error_so_far();
    Running second = start(1);
    ASSERT_TRUE(second.says("another build makes the layer of ", seconds(60)));
    ASSERT_EQ(::kill(first.pid(), SIGKILL), 0);
    first.wait(seconds(20));
    const Finished result = second.wait(seconds(90));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    expect_same_image(image(1), build_cold(space, k_together_words));
    expect_one_layer_each();
    expect_clean_cache(space);
    expect_nothing_runs(space);
}

TEST_F(Together, ABuildThatWaitsCanBeInterrupted) {
    Running first = start(0);
    ASSERT_TRUE(comes_true(seconds(60), [&] { return space.has("out/count"); }));
    Running second = start(1);
    ASSERT_TRUE(second.says("another build makes the layer of ", seconds(60)));
    ASSERT_EQ(::kill(second.pid(), SIGINT), 0);
    EXPECT_EQ(second.wait(seconds(20)).signal, SIGINT);
    EXPECT_EQ(first.wait(seconds(90)).exit_code, 0);
}

} // namespace
} // namespace kiln::tests
