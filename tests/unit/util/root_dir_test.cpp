#include "unit/util/test_files.hpp"
#include "util/root_dir.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

namespace kiln::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using util::RootDir;

/// A tree in "tree", and beside it "outside" with a file that must not be touched.
class RootDirTest : public ::testing::Test {
protected:
    void SetUp() override {
        files.directory("tree");
        files.write("outside/secret", "secret");
    }

    [[nodiscard]] std::string outside() const { return files / "outside"; }

    TestFiles files{};
    RootDir root{files.directory("tree")};
};

TEST_F(RootDirTest, ReadsAndWritesFiles) {
    root.write("/etc/deep/hostname", "web\n", 0640);
    EXPECT_THAT(root.read("etc/deep/hostname"), Optional(std::string("web\n")));
    EXPECT_EQ(root.status("etc/deep/hostname")->st_mode & 07777U, 0640U);
    EXPECT_THAT(root.list("/etc/deep"), ElementsAre("hostname"));
}

TEST_F(RootDirTest, TellsWhatIsNotThere) {
    EXPECT_EQ(root.read("etc/hostname"), std::nullopt);
    EXPECT_FALSE(root.exists("etc/hostname"));
    EXPECT_EQ(root.status("etc/hostname"), std::nullopt);
    EXPECT_THAT(root.list("etc"), IsEmpty());
    root.remove("etc/hostname");
}

TEST_F(RootDirTest, OpensWithoutLinksWhatHasNone) {
    files.write("tree/data/real", "inside");
    files.link("data", "tree/link");
    files.link("real", "tree/data/last");
    EXPECT_TRUE(root.open_without_links("data/real", O_RDONLY));
    EXPECT_TRUE(root.open_without_links("", O_PATH));
    EXPECT_FALSE(root.open_without_links("data/absent", O_RDONLY));
    for (const char* path : {"link/real", "data/last", "link"}) {
        EXPECT_THAT(
            error_of([&] { static_cast<void>(root.open_without_links(path, O_PATH)); }).what,
            HasSubstr("goes through a link"));
    }
}

TEST_F(RootDirTest, AbsoluteLinksStayInside) {
    files.link(outside(), "tree/etc");
    files.link("/data/real", "tree/link");
    files.write("tree/data/real", "inside");
    EXPECT_EQ(root.read("etc/secret"), std::nullopt);
    EXPECT_THAT(root.read("link"), Optional(std::string("inside")));
}

TEST_F(RootDirTest, ChainsOfDotsStayInside) {
    files.link("../../../../.." + outside() + "/secret", "tree/link");
    files.write("tree/here", "inside");
    EXPECT_EQ(root.read("link"), std::nullopt);
    EXPECT_THAT(root.read("../../../here"), Optional(std::string("inside")));
}

TEST_F(RootDirTest, AFolderThatBecomesALinkLeadsNowhereElse) {
    files.write("tree/etc/secret", "inside");
    std::filesystem::rename(files / "tree/etc", files / "tree/moved");
    files.link(outside(), "tree/etc");
    EXPECT_THROW(root.write("etc/secret", "hacked"), util::Error);
    EXPECT_EQ(files.read("outside/secret"), "secret");
}

TEST_F(RootDirTest, WritesReplaceALink) {
    files.write("tree/real", "real");
    files.link(outside() + "/secret", "tree/out");
    files.link("real", "tree/in");
    root.write("out", "new");
    root.write("in", "new");
    EXPECT_EQ(files.read("outside/secret"), "secret");
    EXPECT_EQ(files.read("tree/real"), "real");
    EXPECT_TRUE(S_ISREG(root.status("in")->st_mode));
}

TEST_F(RootDirTest, AFailedWriteLeavesNoDraft) {
    files.write("tree/folder/file", "");
    EXPECT_THROW(root.write("folder", "x"), util::Error);
    EXPECT_THAT(root.list("/"), ElementsAre("folder"));
}

TEST_F(RootDirTest, StatusDoesNotFollowAndTargetStatusDoes) {
    files.write("tree/real", "real");
    files.link("real", "tree/link");
    EXPECT_TRUE(S_ISLNK(root.status("link")->st_mode));
    EXPECT_TRUE(S_ISREG(root.target_status("link")->st_mode));
}

TEST_F(RootDirTest, RemoveTakesALinkNotItsTarget) {
    files.link(outside(), "tree/link");
    files.link(outside(), "tree/folder/link");
    root.remove("link");
    root.remove("folder");
    EXPECT_THAT(root.list("."), IsEmpty());
    EXPECT_EQ(files.read("outside/secret"), "secret");
}

TEST_F(RootDirTest, ClearKeepsTheFolder) {
    files.write("tree/tmp/a/b", "");
    root.clear("tmp");
    EXPECT_THAT(root.list("tmp"), IsEmpty());
    EXPECT_TRUE(root.exists("tmp"));
}

TEST_F(RootDirTest, ReadsNothingButRegularFiles) {
    ASSERT_EQ(::mkfifo((files / "tree/fifo").c_str(), 0600), 0);
    EXPECT_THAT(error_of([&] { static_cast<void>(root.read("fifo")); }).what,
                HasSubstr("is no regular file"));
}

TEST_F(RootDirTest, RefusesToReplaceTheRootItself) {
    EXPECT_THROW(root.write("/", "x"), util::Error);
    EXPECT_THROW(root.remove("a/.."), util::Error);
}

} // namespace
} // namespace kiln::tests
