#include "cache_watch.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace fs = std::filesystem;

const std::vector<std::string> k_prune_words = {"--env", "FAKE_OS_MEGABYTES=1", "fake-os", "web"};

class PrunedCache : public AsUser {
protected:
    void SetUp() override {
        AsUser::SetUp();
        space.emplace(GetParam());
        space->hook("web", "root.d/50-early", "echo early > $TARGET_ROOT/early");
        space->hook("web", "install.d/50-web", "echo web > /web");
    }

    std::optional<Workspace> space{};
};

INSTANTIATE_TEST_SUITE_P(As, PrunedCache, testing::Values(User::root, User::plain), user_name);

TEST_P(PrunedCache, KeepsTheLayersOfABuildUnderWay) {
    must_build_in(*space, k_prune_words);
    const std::string go = *space / "go";
    // On the host: it stands still until the test says so.
    space->hook("web",
                "root.d/60-wait",
                "touch '" + *space / "out/started" + "'; for i in $(seq 600); do [ ! -e '" + go +
                    "' ] || break; sleep 0.05; done; echo waited > $TARGET_ROOT/waited");
    Running build(cached_build(*space, k_prune_words, {}));
    ASSERT_TRUE(comes_true(seconds(60), [&] { return space->has("out/started"); }))
        << build.error_so_far();
    const Finished prune = space->kiln({"cache", "prune", "--all"});
    EXPECT_EQ(prune.exit_code, 0) << prune.err;
    const auto layers = stored_layers(*space);
    EXPECT_EQ(layers.count("root.d/10-fake-os"), 1U);
    EXPECT_EQ(layers.count("root.d/50-early"), 1U);
    EXPECT_EQ(layers.count("install.d/50-web"), 0U);
    space->write("go", "");
    const Finished result = build.wait(seconds(90));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    expect_same_image(*space / "out/image.raw", build_cold(*space, k_prune_words));
    expect_clean_cache(*space);
}

TEST_P(PrunedCache, OfASizeSmallerThanABuildStillBuilds) {
    std::vector<std::string> words = k_prune_words;
    words.insert(words.begin(), {"--cache-size", "0.0001"});
    const std::string expected = build_cold(*space, words);
    for (int i = 0; i < 2; ++i) {
        fs::remove(*space / "out/image.raw");
        must_build_in(*space, words);
        expect_same_image(*space / "out/image.raw", expected);
    }
    const Finished list = space->kiln({"cache", "list"});
    EXPECT_EQ(list.exit_code, 0) << list.err;
    EXPECT_THAT(list.out, Not(HasSubstr("image  ")));
    EXPECT_THAT(unpublished(*space), IsEmpty());
    expect_clean_cache(*space);
}

TEST_P(PrunedCache, IsEmptyAfterAll) {
    must_build_in(*space, k_prune_words);
    fs::rename(*space / "out/image.raw", *space / "expected");
    ASSERT_EQ(space->kiln({"cache", "prune", "--all"}).exit_code, 0);
    EXPECT_THAT(stored_layers(*space), IsEmpty());
    EXPECT_THAT(space->list("cache/kiln/images/objects"), IsEmpty());
    const Finished result = must_build_in(*space, k_prune_words);
    EXPECT_THAT(missed_in(result.err), testing::Contains("root.d/50-early"));
    expect_same_image(*space / "out/image.raw", *space / "expected");
}

} // namespace
} // namespace kiln::tests
