#include "cache/tend.hpp"
#include "stored_layers.hpp"
#include "util/digest.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <algorithm>

namespace kiln::tests {
namespace {

using cache::FinishedImages;
using cache::Layer;
using cache::size_of;
using cache::tend;
using cache::Tended;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t k_large = 400000;

class TendTest : public StoredLayersTest {
protected:
    void used_at(const std::string& path, std::int64_t moment) const {
        const timespec time = {.tv_sec = moment, .tv_nsec = 0};
        const timespec times[2] = {time, time}; // NOLINT(*-avoid-c-arrays)
        ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    }

    void add_layer(const std::string& name, std::int64_t used, std::int64_t depth = 0) const {
        Layer layer = draft(name, std::string(k_large, 'x'));
        layer.depth = depth;
        const auto in_use = store.publish(layer, inputs());
        used_at(tree(name) + "/manifest.json", used);
    }

    std::string add_image(const std::string& content, std::int64_t used) const {
        const std::string text = content + std::string(k_large, 'y');
        const std::string digest = util::sha256(text);
        files.write("image", text);
        images.add_object(files / "image", digest);
        images.put({.key = content, .files = {{"raw", {.digest = digest}}}});
        used_at(files / "images/objects/" + digest, used);
        return digest;
    }

    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const Layer& layer : store.layers()) {
            names.push_back(layer.name);
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    FinishedImages images{files / "images"};
};

TEST_F(TendTest, RemovesNothingWithinTheLimit) {
    add_layer("a.1", 1000);
    add_image("i", 1000);
    const Tended tended = tend(store, images, size_of(store, images));
    EXPECT_EQ(tended.layers + tended.images + tended.bytes, 0U);
    EXPECT_THAT(names(), ElementsAre("a.1"));
}

TEST_F(TendTest, RemovesTheLeastRecentlyUsedFirst) {
    add_layer("a.1", 3000);
    add_layer("b.1", 1000);
    add_layer("c.1", 2000);
    const std::uint64_t all = size_of(store, images);
    const Tended tended = tend(store, images, all - 1);
    EXPECT_EQ(tended.layers, 1U);
    EXPECT_GE(tended.bytes, k_large);
    EXPECT_THAT(names(), ElementsAre("a.1", "c.1"));
    tend(store, images, all / 3);
    EXPECT_THAT(names(), ElementsAre("a.1"));
}

TEST_F(TendTest, RemovesUpperLayersOfABuildFirst) {
    add_layer("a.1", 1000, 0);
    add_layer("a.2", 1000, 1);
    add_layer("a.3", 1000, 2);
    tend(store, images, size_of(store, images) - 1);
    EXPECT_THAT(names(), ElementsAre("a.1", "a.2"));
    tend(store, images, size_of(store, images) - 1);
    EXPECT_THAT(names(), ElementsAre("a.1"));
}

TEST_F(TendTest, RemovesImagesToo) {
    const std::string old = add_image("old", 500);
    const std::string recent = add_image("new", 5000);
    add_layer("a.1", 1000);
    tend(store, images, size_of(store, images) - 1);
    EXPECT_FALSE(images.is_intact(old));
    EXPECT_FALSE(images.find("old").has_value());
    EXPECT_TRUE(images.find("new").has_value());
    EXPECT_THAT(names(), ElementsAre("a.1"));
    const Tended tended = tend(store, images, size_of(store, images) - 1);
    EXPECT_EQ(tended.layers, 1U);
    EXPECT_TRUE(images.is_intact(recent));
}

TEST_F(TendTest, ComesDownToTheLimitAroundWhatIsInUse) {
    add_layer("a.1", 1000);
    add_layer("b.1", 2000);
    const auto use = store.use("a.1");
    used_at(tree("a.1") + "/manifest.json", 1000);
    const Tended tended = tend(store, images, 0);
    EXPECT_EQ(tended.layers, 1U);
    EXPECT_THAT(names(), ElementsAre("a.1"));
}

TEST_F(TendTest, RemovesAllWithALimitOfNothing) {
    add_layer("a.1", 1000);
    add_image("i", 1000);
    tend(store, images, 0);
    EXPECT_EQ(size_of(store, images), 0U);
    EXPECT_THAT(images.records(), IsEmpty());
}

TEST_F(TendTest, SweepsWhatDeadBuildsLeft) {
    { const auto alive = store.lock_build("dead"); }
    draft("dead.1");
    tend(store, images, 1ULL << 40U);
    EXPECT_FALSE(files.has("store/trees/dead.1"));
}

} // namespace
} // namespace kiln::tests
