#include "private_mounts.hpp"
#include "sandbox/left_mounts.hpp"
#include "sandbox/mount.hpp"
#include "util/root_dir.hpp"

#include <gmock/gmock.h>

#include <sys/socket.h>

#include <array>

namespace kiln::tests {
namespace {

using sandbox::LeftMount;
using sandbox::LeftMounts;
using testing::ElementsAre;
using testing::IsEmpty;

class LeftMountsTest : public PrivateMountsTest {
protected:
    void SetUp() override {
        PrivateMountsTest::SetUp();
        files.directory("tree");
        files.write("cache/one.deb", "package");
    }

    /// The tree is a file system of its own, as in a build.
    void mount_tree() const {
        sandbox::mount_new("tmpfs", files / "tree");
        for (const char* folder : {"proc", "dev", "var cache", "part"}) {
            ::mkdir((files / "tree/" + folder).c_str(), 0755);
        }
    }

    [[nodiscard]] std::vector<std::string> paths() const {
        std::vector<std::string> result;
        for (const LeftMount& mount : sandbox::mounts_below(files / "tree")) {
            result.push_back(mount.path);
        }
        return result;
    }

    void bind_cache() const {
        sandbox::bind(files / "cache", files / "tree/var cache", sandbox::Access::read_write);
    }
};

TEST_F(LeftMountsTest, AreThoseBelowTheTree) {
    inside([&] {
        mount_tree();
        EXPECT_THAT(paths(), IsEmpty());
        bind_cache();
        EXPECT_THAT(paths(), ElementsAre("var cache"));
    });
}

TEST_F(LeftMountsTest, AreNotWhatEveryHookGets) {
    inside([&] {
        mount_tree();
        sandbox::mount_proc(files / "tree/proc");
        sandbox::mount_new("tmpfs", files / "tree/dev");
        EXPECT_THAT(paths(), IsEmpty());
    });
}

TEST_F(LeftMountsTest, AreNotPartsOfTheTreeItself) {
    inside([&] {
        mount_tree();
        sandbox::bind(files / "tree/var cache", files / "tree/part", sandbox::Access::read_write);
        EXPECT_THAT(paths(), IsEmpty());
    });
}

TEST_F(LeftMountsTest, TravelThroughASocketToLaterHooks) {
    inside([&] {
        mount_tree();
        bind_cache();
        std::array<int, 2> ends = {-1, -1};
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()), 0);
        EXPECT_TRUE(sandbox::send_mounts(ends[1], sandbox::mounts_below(files / "tree")));
        LeftMounts mounts(files / "kept");
        mounts.replace(sandbox::receive_mounts(ends[0]));
        sandbox::unmount(files / "tree/var cache");
        EXPECT_FALSE(std::filesystem::exists(files / "tree/var cache/one.deb"));

        mounts.attach(util::RootDir(files / "tree"));
        EXPECT_EQ(util::read_file(files / "tree/var cache/one.deb"), "package");

        sandbox::unmount(files / "tree/var cache");
        mounts.replace({});
        mounts.attach(util::RootDir(files / "tree"));
        EXPECT_FALSE(std::filesystem::exists(files / "tree/var cache/one.deb"));
    });
}

TEST_F(LeftMountsTest, AreLeftOutWhereTheirPlaceHasGone) {
    inside([&] {
        mount_tree();
        bind_cache();
        LeftMounts mounts(files / "kept");
        mounts.replace(sandbox::mounts_below(files / "tree"));
        sandbox::unmount(files / "tree/var cache");
        ::rmdir((files / "tree/var cache").c_str());
        EXPECT_NO_THROW(mounts.attach(util::RootDir(files / "tree")));
    });
}

TEST_F(LeftMountsTest, SayNothingWhenThereAreNone) {
    std::array<int, 2> ends = {-1, -1};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()), 0);
    EXPECT_TRUE(sandbox::send_mounts(ends[1], {}));
    EXPECT_THAT(sandbox::receive_mounts(ends[0]), IsEmpty());
}

TEST_F(LeftMountsTest, TellWhereOnTheHostTheyComeFrom) {
    inside([&] {
        mount_tree();
        bind_cache();
        LeftMounts mounts(files / "kept");
        mounts.replace(sandbox::mounts_below(files / "tree"));
        const auto sources = mounts.sources();
        ASSERT_TRUE(sources.has_value());
        ASSERT_EQ(sources->size(), 1U);
        EXPECT_EQ(sources->at(0).path, "var cache");
        EXPECT_EQ(util::read_file(sources->at(0).source + "/one.deb"), "package");
        // Not where they wait: that goes with the build.
        EXPECT_EQ(sources->at(0).source.find(files / "kept"), std::string::npos);
    });
}

TEST_F(LeftMountsTest, ComeFromNowhereWhenAHookMadeThem) {
    inside([&] {
        mount_tree();
        // As one that another mount namespace made: here it is nowhere else.
        sandbox::mount_new("tmpfs", files / "tree/part");
        std::vector<LeftMount> left = sandbox::mounts_below(files / "tree");
        ASSERT_EQ(left.size(), 1U);
        sandbox::unmount(files / "tree/part");
        LeftMounts mounts(files / "kept");
        mounts.replace(left);
        EXPECT_FALSE(mounts.sources().has_value());
    });
}

TEST_F(LeftMountsTest, HaveNoSourcesWhenThereAreNone) {
    inside([&] {
        const LeftMounts mounts(files / "kept");
        const auto sources = mounts.sources();
        ASSERT_TRUE(sources.has_value());
        EXPECT_THAT(*sources, IsEmpty());
    });
}

TEST_F(LeftMountsTest, AreMadeAgainFromTheirSources) {
    inside([&] {
        mount_tree();
        LeftMounts mounts(files / "kept");
        EXPECT_TRUE(mounts.restore({{.path = "var cache", .source = files / "cache"}}));
        mounts.attach(util::RootDir(files / "tree"));
        EXPECT_EQ(util::read_file(files / "tree/var cache/one.deb"), "package");
        ASSERT_TRUE(mounts.sources().has_value());
        EXPECT_EQ(mounts.sources()->at(0).path, "var cache");
        sandbox::unmount(files / "tree/var cache");

        EXPECT_TRUE(mounts.restore({}));
        EXPECT_TRUE(mounts.empty());
    });
}

TEST_F(LeftMountsTest, OfAFileAreMadeAgainToo) {
    inside([&] {
        mount_tree();
        files.write("tree/part/file", "");
        LeftMounts mounts(files / "kept");
        EXPECT_TRUE(mounts.restore({{.path = "part/file", .source = files / "cache/one.deb"}}));
        mounts.attach(util::RootDir(files / "tree"));
        EXPECT_EQ(util::read_file(files / "tree/part/file"), "package");
    });
}

TEST_F(LeftMountsTest, StayAsTheyAreWhenASourceHasGone) {
    inside([&] {
        mount_tree();
        bind_cache();
        LeftMounts mounts(files / "kept");
        mounts.replace(sandbox::mounts_below(files / "tree"));
        sandbox::unmount(files / "tree/var cache");
        EXPECT_FALSE(mounts.restore({{.path = "part", .source = files / "cache"},
                                     {.path = "var cache", .source = files / "gone"}}));
        mounts.attach(util::RootDir(files / "tree"));
        EXPECT_FALSE(std::filesystem::exists(files / "tree/part/one.deb"));
        EXPECT_EQ(util::read_file(files / "tree/var cache/one.deb"), "package");
    });
}

} // namespace
} // namespace kiln::tests
