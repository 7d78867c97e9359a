#include "private_mounts.hpp"
#include "sandbox/layer_stack.hpp"
#include "util/root_dir.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>
#include <sys/xattr.h>

#include <filesystem>

namespace kiln::tests {
namespace {

using sandbox::LayerStack;
using sandbox::OpenLayer;
using sandbox::overlay_options;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

namespace fs = std::filesystem;

constexpr const char* k_always = "userxattr,redirect_dir=nofollow,index=off,metacopy=off,xino=off,";

TEST(OverlayOptions, NameTheUppermostLayerFirst) {
    EXPECT_EQ(overlay_options({"0", "1", "2"}, ""), std::string(k_always) + "lowerdir=2:1:0");
}

TEST(OverlayOptions, OfAWritableOneNameUpperAndWork) {
    const std::string options = overlay_options({"0"}, "1");
    EXPECT_THAT(options, StartsWith(k_always));
    EXPECT_THAT(options, HasSubstr("lowerdir=0,"));
    EXPECT_THAT(options, EndsWith(",upperdir=1,workdir=work"));
}

TEST(OverlayOptions, OfAWritableOneDoNotWaitForTheDisk) {
    EXPECT_THAT(overlay_options({"0"}, "1"), HasSubstr(",volatile,"));
    EXPECT_THAT(overlay_options({"0"}, ""), Not(HasSubstr("volatile")));
}

TEST(OverlayOptions, OfTheDeepestStackFitInOnePage) {
    sandbox::LayerNames layers;
    for (int i = 0; i < 100; ++i) {
        layers.push_back(std::to_string(9900 + i));
    }
    EXPECT_LT(overlay_options(layers, "10000").size(), 4096U);
}

class LayerStackTest : public PrivateMountsTest {
protected:
    /// A stack in a folder whose name has a blank.
    [[nodiscard]] LayerStack make_stack() const {
        return {files / "my layers", files / "merged tree"};
    }

    [[nodiscard]] fs::path tree() const { return files.path() / "merged tree"; }

    static void put(const fs::path& path, const std::string& text) {
        const util::Fd fd = util::open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
        util::write_all(fd.get(), text, path);
    }

    template <typename Change>
    static LayerStack::Kept layer(LayerStack& stack, const Change& change) {
        OpenLayer open(stack);
        change();
        return open.finish();
    }

    /// Many layers that change the same file.
    void pile_up(LayerStack& stack, int count) const {
        for (int i = 0; i < count; ++i) {
            layer(stack, [&] { put(tree() / "counter", std::to_string(i)); });
        }
    }
};

TEST_F(LayerStackTest, KeepsWhatAFinishedLayerChanged) {
    inside([&] {
        LayerStack stack = make_stack();
        EXPECT_EQ(layer(stack, [&] { put(tree() / "a", "1"); }), LayerStack::Kept::yes);
        EXPECT_EQ(layer(stack, [&] { put(tree() / "a", "2"); }), LayerStack::Kept::yes);
        stack.mount_read_only();
        EXPECT_EQ(util::read_file(tree() / "a"), "2");
        EXPECT_NE(::mkdir((tree() / "new").c_str(), 0755), 0);
        stack.unmount_all();
        EXPECT_THAT(stack.layers(), ElementsAre("0", "1", "2"));
        EXPECT_TRUE(fs::is_empty(tree()));
    });
}

TEST_F(LayerStackTest, DropsALayerWithoutChanges) {
    inside([&] {
        LayerStack stack = make_stack();
        EXPECT_EQ(layer(stack, [] {}), LayerStack::Kept::empty);
        EXPECT_THAT(stack.layers(), ElementsAre("0"));
    });
}

TEST_F(LayerStackTest, WithoutLayersShowsAnEmptyTree) {
    inside([&] {
        LayerStack stack = make_stack();
        layer(stack, [] {});
        stack.mount_read_only();
        EXPECT_TRUE(fs::is_empty(tree()));
    });
}

TEST_F(LayerStackTest, ForgetsALayerThatIsLeftByAnError) {
    inside([&] {
        LayerStack stack = make_stack();
        EXPECT_THROW(layer(stack,
                           [&] {
                               put(tree() / "a", "1");
                               throw util::Error({.what = "a hook failed"});
                           }),
                     util::Error);
        EXPECT_THAT(stack.layers(), ElementsAre("0"));
        EXPECT_FALSE(fs::exists(files.path() / "my layers/1"));
        EXPECT_EQ(layer(stack, [&] { put(tree() / "b", "1"); }), LayerStack::Kept::yes);
        stack.mount_read_only();
        EXPECT_FALSE(fs::exists(tree() / "a"));
    });
}

TEST_F(LayerStackTest, KeepsOwnerAndModeOfTheRootFolder) {
    inside([&] {
        LayerStack stack = make_stack();
        layer(stack, [&] {
            EXPECT_EQ(::chown(tree().c_str(), 12, 34), 0);
            EXPECT_EQ(::chmod(tree().c_str(), 02751), 0);
        });
        layer(stack, [&] { put(tree() / "a", "1"); });
        stack.mount_read_only();
        struct stat info = {};
        ASSERT_EQ(::stat(tree().c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 07777, 02751U);
        EXPECT_EQ(info.st_uid, 12U);
        EXPECT_EQ(info.st_gid, 34U);
    });
}

TEST_F(LayerStackTest, KeepsALayerThatChangedOnlyTheModeOfTheRootFolder) {
    inside([&] {
        LayerStack stack = make_stack();
        const auto kept = layer(stack, [&] { EXPECT_EQ(::chmod(tree().c_str(), 0700), 0); });
        EXPECT_EQ(kept, LayerStack::Kept::yes);
    });
}

TEST_F(LayerStackTest, HidesWhatAnUpperLayerRemoved) {
    inside([&] {
        LayerStack stack = make_stack();
        layer(stack, [&] {
            fs::create_directory(tree() / "folder");
            put(tree() / "folder/old", "old");
            put(tree() / "gone", "gone");
        });
        layer(stack, [&] {
            fs::remove(tree() / "gone");
            fs::remove_all(tree() / "folder");
            fs::create_directory(tree() / "folder");
            put(tree() / "folder/new", "new");
        });
        stack.mount_read_only();
        EXPECT_FALSE(fs::exists(tree() / "gone"));
        EXPECT_THAT(util::RootDir(tree()).list("folder"), ElementsAre("new"));
    });
}

TEST_F(LayerStackTest, MergesALayerBeforeTheyAreTooMany) {
    inside([&] {
        LayerStack stack = make_stack();
        pile_up(stack, 130);
        EXPECT_LE(stack.layers().size(), 100U);
        EXPECT_EQ(stack.layers().front(), "0");
        stack.mount_read_only();
        EXPECT_EQ(util::read_file(tree() / "counter"), "129");
    });
}

TEST_F(LayerStackTest, MergedLayersKeepTheirContent) {
    inside([&] {
        LayerStack stack = make_stack();
        layer(stack, [&] {
            put(tree() / "one name", "shared");
            fs::create_hard_link(tree() / "one name", tree() / "other name");
            put(tree() / "gone", "gone");
            put(tree() / "attributes", "x");
            ASSERT_EQ(::setxattr((tree() / "attributes").c_str(), "user.kiln", "value", 5, 0), 0);
            ASSERT_EQ(::mkfifo((tree() / "pipe").c_str(), 0600), 0);
            ASSERT_EQ(::chown((tree() / "pipe").c_str(), 5, 6), 0);
        });
        layer(stack, [&] { fs::remove(tree() / "gone"); });
        pile_up(stack, 120);
        stack.mount_read_only();
        EXPECT_THAT(util::RootDir(tree()).list("/"),
                    ElementsAre("attributes", "counter", "one name", "other name", "pipe"));
        EXPECT_EQ(fs::hard_link_count(tree() / "other name"), 2U);
        EXPECT_EQ(::getxattr((tree() / "attributes").c_str(), "user.kiln", nullptr, 0), 5);
        struct stat info = {};
        ASSERT_EQ(::lstat((tree() / "pipe").c_str(), &info), 0);
        EXPECT_TRUE(S_ISFIFO(info.st_mode));
        EXPECT_EQ(info.st_gid, 6U);
    });
}

TEST_F(LayerStackTest, MergedLayersKeepOwnerAndModeOfTheRootFolder) {
    inside([&] {
        LayerStack stack = make_stack();
        layer(stack, [&] { EXPECT_EQ(::chmod(tree().c_str(), 0711), 0); });
        pile_up(stack, 120);
        stack.mount_read_only();
        struct stat info = {};
        ASSERT_EQ(::stat(tree().c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 07777, 0711U);
    });
}

/// A stack whose layers lie in a store.
class StoredLayerStackTest : public LayerStackTest {
protected:
    void SetUp() override {
        LayerStackTest::SetUp();
        files.directory("store");
    }

    [[nodiscard]] LayerStack make_stored() const {
        return {files / "layers", files / "merged tree", files / "store/build."};
    }

    /// The root of a layer that another build has left.
    [[nodiscard]] std::string other_layer(const std::string& name) const {
        files.write("other/" + name + "/root/" + name, name);
        return files / "other/" + name + "/root";
    }
};

TEST_F(StoredLayerStackTest, MakesItsLayersInTheStore) {
    inside([&] {
        LayerStack stack = make_stored();
        layer(stack, [&] { put(tree() / "a", "1"); });
        EXPECT_EQ(stack.last_number(), 1U);
        EXPECT_EQ(files.read("store/build.1/root/a"), "1");
        EXPECT_TRUE(fs::is_symlink(files / "layers/1"));
        EXPECT_EQ(util::read_file(stack.top() + "/a"), "1");
        EXPECT_TRUE(files.has("store/build.work"));
        EXPECT_FALSE(fs::is_symlink(files / "layers/0"));
    });
}

TEST_F(StoredLayerStackTest, LeavesAnEmptyLayerToTheStore) {
    inside([&] {
        LayerStack stack = make_stored();
        EXPECT_EQ(layer(stack, [] {}), LayerStack::Kept::empty);
        EXPECT_THAT(stack.layers(), ElementsAre("0"));
        EXPECT_TRUE(fs::is_empty(files / "store/build.1/root"));
    });
}

TEST_F(StoredLayerStackTest, RemovesTheTreeOfALayerThatIsLeftByAnError) {
    inside([&] {
        LayerStack stack = make_stored();
        EXPECT_THROW(layer(stack,
                           [&] {
                               put(tree() / "a", "1");
                               throw util::Error({.what = "a hook failed"});
                           }),
                     util::Error);
        EXPECT_FALSE(files.has("store/build.1/root"));
        EXPECT_FALSE(files.has("layers/1"));
        layer(stack, [&] { put(tree() / "b", "2"); });
        EXPECT_EQ(files.read("store/build.2/root/b"), "2");
    });
}

TEST_F(StoredLayerStackTest, StacksLayersOfOtherBuilds) {
    inside([&] {
        const std::string lower = other_layer("lower");
        LayerStack stack = make_stored();
        stack.push(lower);
        stack.push(other_layer("upper"));
        EXPECT_EQ(util::read_file(stack.top() + "/upper"), "upper");
        layer(stack, [&] {
            EXPECT_EQ(util::read_file(tree() / "lower"), "lower");
            put(tree() / "lower", "changed");
            fs::remove(tree() / "upper");
        });
        EXPECT_EQ(stack.last_number(), 3U);
        stack.mount_read_only();
        EXPECT_EQ(util::read_file(tree() / "lower"), "changed");
        EXPECT_FALSE(fs::exists(tree() / "upper"));
        // Theirs stay as they were.
        EXPECT_EQ(files.read("other/lower/root/lower"), "lower");
        EXPECT_EQ(files.read("other/upper/root/upper"), "upper");
    });
}

TEST_F(StoredLayerStackTest, TakesOwnerAndModeOfTheRootFromAPushedLayer) {
    inside([&] {
        const std::string pushed = other_layer("pushed");
        EXPECT_EQ(::chmod(pushed.c_str(), 02711), 0);
        LayerStack stack = make_stored();
        stack.push(pushed);
        EXPECT_EQ(layer(stack, [] {}), LayerStack::Kept::empty);
        layer(stack, [&] { put(tree() / "a", "1"); });
        struct stat info = {};
        ASSERT_EQ(::stat((files / "store/build.2/root").c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 07777, 02711U);
    });
}

TEST_F(StoredLayerStackTest, MergesManyPushedLayersAndLeavesThemAlone) {
    inside([&] {
        LayerStack stack = make_stored();
        for (int i = 0; i < 130; ++i) {
            stack.push(other_layer("layer-" + std::to_string(i)));
        }
        EXPECT_LE(stack.layers().size(), 100U);
        layer(stack, [&] { put(tree() / "own", "1"); });
        stack.mount_read_only();
        EXPECT_THAT(util::RootDir(tree()).list("/"), ::testing::SizeIs(131));
        stack.unmount_all();
        EXPECT_EQ(files.read("other/layer-0/root/layer-0"), "layer-0");
        EXPECT_EQ(files.read("store/build." + std::to_string(stack.last_number()) + "/root/own"),
                  "1");
    });
}

} // namespace
} // namespace kiln::tests
