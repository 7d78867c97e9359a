#include "stored_layers.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <thread>
#include <vector>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using cache::KeyManifest;
using cache::Layer;
using cache::LayerStore;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

std::vector<std::string> names_of(const std::vector<Layer>& layers) {
    std::vector<std::string> names;
    for (const Layer& layer : layers) {
        names.push_back(layer.name);
    }
    return names;
}

class LayerStoreTest : public StoredLayersTest {
protected:
    /// Another byte, the same size and time of change; only ctime tells.
    void flip_bit(const std::string& name) const {
        const std::string file = tree(name) + "/root/folder/file";
        struct stat info = {};
        ASSERT_EQ(::stat(file.c_str(), &info), 0);
        // ctime advances with the tick of the kernel.
        ::usleep(20000);
        std::string content = util::read_file(file);
        content[0] = static_cast<char>(content[0] ^ 1);
        const util::Fd fd = util::open_file(file, O_WRONLY);
        util::write_all(fd.get(), content, file);
        const timespec times[2] = {info.st_atim, info.st_mtim}; // NOLINT(*-avoid-c-arrays)
        ASSERT_EQ(::futimens(fd.get(), times), 0);
    }

    void edit_manifest(const std::string& name, const std::function<void(Layer&)>& edit) const {
        const std::string path = "store/trees/" + name + "/manifest.json";
        Layer layer = cache::layer_from_json(files.read(path));
        edit(layer);
        files.write(path, cache::to_json(layer));
    }
};

TEST_F(LayerStoreTest, FindsAPublishedLayerByItsKey) {
    const Layer made = publish("b.1");
    const std::vector<Layer> found = store.variants("key");
    ASSERT_THAT(names_of(found), ElementsAre("b.1"));
    EXPECT_EQ(found[0].title, "install.d/50-x");
    EXPECT_EQ(found[0].element, "web");
    EXPECT_EQ(found[0].digest.content, made.digest.content);
    EXPECT_TRUE(store.is_intact(found[0]));
    EXPECT_THAT(store.variants("another key"), IsEmpty());
    EXPECT_THAT(names_of(store.layers()), ElementsAre("b.1"));
}

TEST_F(LayerStoreTest, KeepsTheTranscriptOfAKey) {
    publish("b.1");
    const auto found = store.inputs_of("b.1");
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->digest(), inputs().digest());
    files.write("store/trees/b.1/inputs.json", "{");
    EXPECT_FALSE(store.inputs_of("b.1").has_value());
    EXPECT_FALSE(store.inputs_of("b.2").has_value());
}

TEST_F(LayerStoreTest, GivesTheNewestVariantFirst) {
    publish("b.1");
    publish("c.1");
    publish("d.1");
    edit_manifest("c.1", [](Layer& layer) { layer.created += 100; });
    edit_manifest("d.1", [](Layer& layer) { layer.created -= 100; });
    EXPECT_THAT(names_of(store.variants("key")), ElementsAre("c.1", "b.1", "d.1"));
}

TEST_F(LayerStoreTest, DoesNotKnowALayerBeforeItsManifest) {
    draft("b.1");
    EXPECT_THAT(store.layers(), IsEmpty());
    EXPECT_THAT(store.unreadable(), IsEmpty());
    EXPECT_FALSE(store.use("b.1").has_value());
}

TEST_F(LayerStoreTest, TakesATruncatedManifestForNone) {
    publish("b.1");
    const std::string whole = files.read("store/trees/b.1/manifest.json");
    for (const std::size_t length : {std::size_t{0}, std::size_t{1}, whole.size() / 2}) {
        files.write("store/trees/b.1/manifest.json", whole.substr(0, length));
        EXPECT_THAT(store.variants("key"), IsEmpty()) << length;
        EXPECT_THAT(store.layers(), IsEmpty()) << length;
        EXPECT_THAT(store.unreadable(), ElementsAre("b.1")) << length;
    }
}

TEST_F(LayerStoreTest, TakesAManifestOfAnotherLayerForNone) {
    publish("b.1");
    publish("c.1");
    files.write("store/trees/b.1/manifest.json", files.read("store/trees/c.1/manifest.json"));
    EXPECT_THAT(names_of(store.variants("key")), ElementsAre("c.1"));
}

TEST_F(LayerStoreTest, TakesAManifestOfAnotherVersionForNone) {
    publish("b.1");
    std::string text = files.read("store/trees/b.1/manifest.json");
    const std::string mark = "\"format\": 1";
    ASSERT_NE(text.find(mark), std::string::npos);
    files.write("store/trees/b.1/manifest.json",
                text.replace(text.find(mark), mark.size(), "\"format\": 0"));
    EXPECT_THAT(store.layers(), IsEmpty());
}

TEST_F(LayerStoreTest, SeesAFlippedBitWhoseTimeWasSetBack) {
    const Layer layer = publish("b.1");
    flip_bit("b.1");
    EXPECT_FALSE(store.is_intact(layer));
    EXPECT_FALSE(store.has_its_digest(layer));
}

TEST_F(LayerStoreTest, SeesWhatWasRemovedOrAdded) {
    const Layer layer = publish("b.1");
    files.write("store/trees/b.1/root/folder/new", "");
    EXPECT_FALSE(store.is_intact(layer));
    fs::remove_all(tree("b.1") + "/root/folder");
    EXPECT_FALSE(store.is_intact(layer));
    fs::remove_all(tree("b.1") + "/root");
    EXPECT_FALSE(store.is_intact(layer));
    EXPECT_FALSE(store.has_its_digest(layer));
}

TEST_F(LayerStoreTest, BelievesAGoodDigestWhereOnlyTheStampDiffers) {
    const Layer layer = publish("b.1");
    ::usleep(20000);
    // Sets ctime.
    ASSERT_EQ(::chmod((tree("b.1") + "/root/folder/file").c_str(), 0644), 0);
    EXPECT_TRUE(store.is_intact(layer));
    const std::vector<Layer> noted = store.variants("key");
    ASSERT_THAT(noted, SizeIs(1));
    EXPECT_NE(noted[0].stamp, layer.stamp);
}

TEST_F(LayerStoreTest, ReadsALayerWholeAfterTheMachineStartedAnew) {
    publish("b.1");
    edit_manifest("b.1", [](Layer& layer) { layer.boot = "another boot"; });
    EXPECT_TRUE(store.is_intact(store.variants("key").at(0)));
    EXPECT_NE(store.variants("key").at(0).boot, "another boot");

    // As after a power cut: the stamp is that of the damaged tree.
    publish("c.1");
    flip_bit("c.1");
    edit_manifest("c.1", [this](Layer& layer) {
        layer.stamp = cache::stamp_tree(store.root_of("c.1"));
        layer.boot = "another boot";
    });
    EXPECT_FALSE(store.is_intact(store.variants("key").at(0)));
}

TEST_F(LayerStoreTest, RemovesALayerAndItsPlaceInTheIndex) {
    publish("b.1");
    publish("c.1");
    EXPECT_TRUE(store.remove("b.1"));
    EXPECT_THAT(names_of(store.variants("key")), ElementsAre("c.1"));
    EXPECT_FALSE(files.has("store/trees/b.1"));
    EXPECT_TRUE(store.remove("c.1"));
    EXPECT_FALSE(files.has("store/index/key"));
}

TEST_F(LayerStoreTest, RemovesALayerThatAnotherHasJustRemoved) {
    EXPECT_NO_THROW(store.remove("gone.1"));
}

TEST_F(LayerStoreTest, KeepsALayerInUse) {
    publish("b.1");
    auto first = store.use("b.1");
    auto second = LayerStore(files / "store").use("b.1");
    ASSERT_TRUE(first.has_value());
    ASSERT_TRUE(second.has_value());
    EXPECT_FALSE(store.remove("b.1"));
    first.reset();
    EXPECT_FALSE(store.remove("b.1"));
    EXPECT_TRUE(store.is_intact(store.variants("key").at(0)));
    second.reset();
    EXPECT_TRUE(store.remove("b.1"));
    EXPECT_FALSE(store.use("b.1").has_value());
    EXPECT_FALSE(files.has("store/trees/b.1"));
}

TEST_F(LayerStoreTest, NotesAUse) {
    publish("b.1");
    const std::string manifest = tree("b.1") + "/manifest.json";
    const timespec times[2] = {{.tv_sec = 1000, .tv_nsec = 0}, // NOLINT(*-avoid-c-arrays)
                               {.tv_sec = 1000, .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, manifest.c_str(), times, 0), 0);
    EXPECT_EQ(store.last_use("b.1"), 1000);
    const auto use = store.use("b.1");
    EXPECT_NEAR(
        static_cast<double>(store.last_use("b.1")), static_cast<double>(std::time(nullptr)), 5);
}

TEST_F(LayerStoreTest, SweepsWhatADeadBuildLeft) {
    { const auto alive = store.lock_build("dead"); }
    publish("dead.1");
    draft("dead.2");
    files.write("store/trees/dead.work/x", "");
    store.sweep();
    EXPECT_THAT(names_of(store.layers()), ElementsAre("dead.1"));
    EXPECT_FALSE(files.has("store/trees/dead.2"));
    EXPECT_FALSE(files.has("store/trees/dead.work"));
    EXPECT_FALSE(files.has("store/trees/dead.lock"));
}

TEST_F(LayerStoreTest, SweepsATreeWithoutManifestOrWithASpoiltOne) {
    // Killed between the tree and its manifest, and the lock has gone already.
    draft("dead.1");
    publish("dead.2");
    files.write("store/trees/dead.2/manifest.json", "{\"format\"");
    files.write("store/trees/dead.3/inputs.json", inputs().to_json());
    store.sweep();
    EXPECT_TRUE(fs::is_empty(files / "store/trees"));
}

TEST_F(LayerStoreTest, LeavesTheLayersOfALivingBuildAlone) {
    const auto alive = store.lock_build("alive");
    draft("alive.1");
    files.write("store/trees/alive.work/x", "");
    // A build whose name begins with that of another.
    { const auto dead = store.lock_build("al"); }
    draft("al.1");
    LayerStore(files / "store").sweep();
    EXPECT_TRUE(files.has("store/trees/alive.1/root/folder/file"));
    EXPECT_TRUE(files.has("store/trees/alive.work/x"));
    EXPECT_FALSE(files.has("store/trees/al.1"));
}

TEST_F(LayerStoreTest, SweepsNothingThatIsStored) {
    publish("b.1");
    publish("c.2");
    store.sweep();
    EXPECT_THAT(names_of(store.layers()), UnorderedElementsAre("b.1", "c.2"));
}

TEST_F(LayerStoreTest, RemovesOfALivingBuildWhatItDidNotStore) {
    const auto alive = store.lock_build("alive");
    publish("alive.1");
    draft("alive.2");
    draft("alive2.1");
    store.remove_unpublished("alive");
    EXPECT_TRUE(files.has("store/trees/alive.1"));
    EXPECT_FALSE(files.has("store/trees/alive.2"));
    EXPECT_TRUE(files.has("store/trees/alive2.1"));
    EXPECT_TRUE(files.has("store/trees/alive.lock"));
}

TEST_F(LayerStoreTest, LetsOnlyOneMakeALayer) {
    int waits = 0;
    auto first = std::make_unique<util::EntryLock>(store.lock_key("key", {}));
    const LayerStore other(files / "store");
    const auto second = other.lock_key("key", [&] {
        ++waits;
        first.reset();
    });
    EXPECT_EQ(waits, 1);
    // Another key waits for nobody.
    const auto third = other.lock_key("second key", [] { FAIL() << "waits"; });
}

TEST_F(LayerStoreTest, TakesTheLayersOfManyAtOnce) {
    std::vector<std::thread> threads;
    for (int number = 0; number < 8; ++number) {
        threads.emplace_back([this, number] {
            const LayerStore own(files / "store");
            const std::string build = "b" + std::to_string(number);
            const auto alive = own.lock_build(build);
            for (int layer = 0; layer < 5; ++layer) {
                const std::string name = build + "." + std::to_string(layer);
                Layer made = draft(name, name);
                const auto in_use = own.publish(made, inputs());
                own.sweep();
                EXPECT_TRUE(own.use(name).has_value()) << name;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_THAT(store.variants("key"), SizeIs(40));
}

TEST_F(LayerStoreTest, HasOneSaltForAll) {
    const std::string salt = store.salt();
    EXPECT_EQ(salt.size(), 64U);
    EXPECT_EQ(LayerStore(files / "store").salt(), salt);
    EXPECT_NE(LayerStore(files / "other").salt(), salt);
}

TEST_F(LayerStoreTest, IsClosedToOthers) {
    struct stat info = {};
    ASSERT_EQ(::stat((files / "store").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700U);
}

TEST_F(LayerStoreTest, AreInUseFromTheMomentThatTheyAreKnown) {
    Layer layer = draft("b.1");
    {
        const auto in_use = store.publish(layer, inputs());
        EXPECT_FALSE(store.remove("b.1"));
    }
    EXPECT_TRUE(store.remove("b.1"));
}

TEST_F(LayerStoreTest, SaysThatItCannotBeWritten) {
    files.write("file", "");
    const util::ErrorInfo error = error_of([&] { LayerStore(files / "file/store"); });
    EXPECT_THAT(error.what, testing::HasSubstr("cannot write the cache"));
    EXPECT_THAT(error.hint, testing::HasSubstr("--image-cache"));
}

TEST(Layer, SurvivesItsManifest) {
    const Layer layer = {
        .name = "b.1",
        .base_key = "key",
        .title = "install.d/50-\"x\"",
        .element = "web",
        .empty = true,
        .digest = {.content = "c", .identity = "i", .entries = 3, .bytes = 1ULL << 40U},
        .stamp = "s",
        .boot = "b",
        .began = 1,
        .created = 2,
        .took = 3,
        .mounts = {{.path = "var/cache", .source = "/srv/my cache"}},
        .depth = 4};
    const Layer read = cache::layer_from_json(cache::to_json(layer));
    EXPECT_EQ(cache::to_json(read), cache::to_json(layer));
    EXPECT_EQ(read.mounts.at(0).source, "/srv/my cache");
}

TEST(LayerChain, TakesInWhatALayerWroteAndNothingElse) {
    const Layer one = {.name = "a.1", .digest = {.content = "1", .identity = "i"}};
    const Layer same = {.name = "b.2", .digest = {.content = "2", .identity = "i"}};
    const Layer other = {.name = "a.1", .digest = {.content = "1", .identity = "j"}};
    const Layer empty = {.name = "a.1", .empty = true, .digest = {.identity = "e"}};
    EXPECT_EQ(cache::next_chain("c", one), cache::next_chain("c", same));
    EXPECT_NE(cache::next_chain("c", one), cache::next_chain("c", other));
    EXPECT_NE(cache::next_chain("c", one), cache::next_chain("d", one));
    EXPECT_EQ(cache::next_chain("c", empty), "c");
}

} // namespace
} // namespace kiln::tests
