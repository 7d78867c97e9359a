#include "cache/tree_digest.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <ctime>
#include <functional>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using cache::digest_tree;
using cache::stamp_tree;
using cache::TreeDigest;

constexpr std::int64_t k_long_ago = 1000000000;
constexpr std::int64_t k_never = 4000000000;

void set_time(const std::string& path, std::int64_t moment, long nanoseconds = 0) {
    const timespec time = {.tv_sec = moment, .tv_nsec = nanoseconds};
    const timespec times[2] = {time, time}; // NOLINT(*-avoid-c-arrays)
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW), 0);
}

/// A tree in which every time is the same.
class TreeDigestTest : public testing::Test {
protected:
    void SetUp() override {
        files.write("tree/folder/file", "content");
        files.write("tree/folder/other", "content of the other");
        files.directory("tree/empty");
        files.link("folder/file", "tree/link");
        settle();
    }

    void settle() const {
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(tree())) {
            set_time(entry.path(), k_long_ago);
        }
        set_time(tree(), k_long_ago);
    }

    [[nodiscard]] std::string tree() const { return files / "tree"; }

    [[nodiscard]] TreeDigest digest() const { return digest_tree(tree(), k_never); }

    /// A change is seen, though no time tells of it.
    void expect_seen(const std::string& what, const std::function<void()>& change) const {
        const TreeDigest before = digest();
        const std::string stamp = stamp_tree(tree());
        change();
        settle();
        EXPECT_NE(digest().content, before.content) << what;
        EXPECT_NE(digest().identity, before.identity) << what;
        EXPECT_NE(stamp_tree(tree()), stamp) << what;
    }

    TestFiles files{};
};

TEST_F(TreeDigestTest, IsTheSameForTheSameTree) {
    EXPECT_EQ(digest().content, digest().content);
    EXPECT_EQ(stamp_tree(tree()), stamp_tree(tree()));
}

TEST_F(TreeDigestTest, IsTheSameForACopy) {
    files.write("second/folder/file", "content");
    files.write("second/folder/other", "content of the other");
    files.directory("second/empty");
    files.link("folder/file", "second/link");
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(files / "second")) {
        set_time(entry.path(), k_long_ago);
    }
    set_time(files / "second", k_long_ago);
    EXPECT_EQ(digest_tree(files / "second", k_never).content, digest().content);
    EXPECT_NE(stamp_tree(files / "second"), stamp_tree(tree()));
}

TEST_F(TreeDigestTest, SeesContent) {
    expect_seen("one byte", [&] { files.write("tree/folder/file", "c0ntent"); });
}

TEST_F(TreeDigestTest, SeesModes) {
    expect_seen("of a file", [&] { ::chmod((tree() + "/folder/file").c_str(), 04644); });
    expect_seen("of a folder", [&] { ::chmod((tree() + "/folder").c_str(), 0700); });
    expect_seen("of the tree itself", [&] { ::chmod(tree().c_str(), 0711); });
}

TEST_F(TreeDigestTest, SeesOwners) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root can change owners";
    }
    expect_seen("user", [&] { ::chown((tree() + "/folder/file").c_str(), 12, 0); });
    expect_seen("group", [&] { ::chown((tree() + "/empty").c_str(), 0, 12); });
    expect_seen("of a link", [&] { ::lchown((tree() + "/link").c_str(), 5, 6); });
    expect_seen("of the tree itself", [&] { ::chown(tree().c_str(), 7, 8); });
}

TEST_F(TreeDigestTest, SeesAttributes) {
    const std::string file = tree() + "/folder/file";
    if (::setxattr(file.c_str(), "user.kiln", "1", 1, 0) != 0) {
        GTEST_SKIP() << "this file system has no extended attributes";
    }
    settle();
    expect_seen("the value", [&] { ::setxattr(file.c_str(), "user.kiln", "2", 1, 0); });
    expect_seen("the name", [&] {
        ::removexattr(file.c_str(), "user.kiln");
        ::setxattr(file.c_str(), "user.milk", "2", 1, 0);
    });
    expect_seen("none", [&] { ::removexattr(file.c_str(), "user.milk"); });
    expect_seen("opaque",
                [&] { ::setxattr((tree() + "/empty").c_str(), "user.overlay.opaque", "y", 1, 0); });
}

TEST_F(TreeDigestTest, SeesNamesAndLinks) {
    expect_seen("a name",
                [&] { fs::rename(tree() + "/folder/other", tree() + "/folder/another"); });
    expect_seen("where it lies",
                [&] { fs::rename(tree() + "/folder/another", tree() + "/another"); });
    expect_seen("an empty folder", [&] { fs::remove(tree() + "/empty"); });
    expect_seen("where a link leads", [&] {
        fs::remove(tree() + "/link");
        fs::create_symlink("folder/f1le", tree() + "/link");
    });
    expect_seen("a link in place of a file", [&] {
        fs::remove(tree() + "/another");
        fs::create_symlink("content of the other", tree() + "/another");
    });
}

TEST_F(TreeDigestTest, SeesHardLinks) {
    files.write("tree/folder/other", "content");
    settle();
    expect_seen("two files that are one now", [&] {
        fs::remove(tree() + "/folder/other");
        fs::create_hard_link(tree() + "/folder/file", tree() + "/folder/other");
    });
}

TEST_F(TreeDigestTest, SeesPipesAndWhiteouts) {
    expect_seen("a pipe", [&] { ::mkfifo((tree() + "/pipe").c_str(), 0600); });
    if (::geteuid() == 0) {
        expect_seen("a whiteout",
                    [&] { ::mknod((tree() + "/gone").c_str(), S_IFCHR, ::makedev(0, 0)); });
        expect_seen("another device", [&] {
            ::unlink((tree() + "/gone").c_str());
            ::mknod((tree() + "/gone").c_str(), S_IFCHR, ::makedev(1, 3));
        });
    }
}

TEST_F(TreeDigestTest, CountsEntriesAndBytes) {
    const TreeDigest before = digest();
    EXPECT_EQ(before.entries, 6U);
    files.write("tree/large", std::string(200000, 'x'));
    EXPECT_EQ(digest().entries, 7U);
    EXPECT_GE(digest().bytes, before.bytes + 200000);
}

TEST_F(TreeDigestTest, OfItsContentSeesEveryTime) {
    const std::string before = digest().content;
    set_time(tree() + "/folder/file", k_long_ago, 1);
    EXPECT_NE(digest().content, before);
}

TEST_F(TreeDigestTest, OfItsIdentitySeesTimesBeforeTheBuildOnly) {
    const std::int64_t began = k_long_ago + 1000;
    const auto identity = [&] { return digest_tree(tree(), began).identity; };
    const std::string before = identity();
    set_time(tree() + "/folder/file", k_long_ago + 1);
    const std::string older = identity();
    EXPECT_NE(older, before);
    set_time(tree() + "/folder/file", began);
    const std::string new_file = identity();
    EXPECT_NE(new_file, older);
    set_time(tree() + "/folder/file", began + 77, 5);
    EXPECT_EQ(identity(), new_file);
}

TEST_F(TreeDigestTest, OfTwoBuildsHasTheSameIdentity) {
    const std::int64_t began = k_long_ago + 1000;
    set_time(tree() + "/folder/file", began + 5);
    const TreeDigest first = digest_tree(tree(), began);
    // The same, an hour later.
    set_time(tree() + "/folder/file", began + 3605);
    const TreeDigest second = digest_tree(tree(), began + 3600);
    EXPECT_EQ(first.identity, second.identity);
    EXPECT_NE(first.content, second.content);
}

TEST_F(TreeDigestTest, OfItsIdentityLeavesOutWhatOverlaysNoteForThemselves) {
    const std::string file = tree() + "/folder/file";
    if (::setxattr(file.c_str(), "user.kiln", "1", 1, 0) != 0) {
        GTEST_SKIP() << "this file system has no extended attributes";
    }
    settle();
    for (const char* name : {"user.overlay.origin", "user.overlay.impure", "user.overlay.uuid"}) {
        const TreeDigest before = digest();
        ASSERT_EQ(::setxattr(file.c_str(), name, "y", 1, 0), 0);
        settle();
        EXPECT_EQ(digest().identity, before.identity) << name;
        EXPECT_NE(digest().content, before.content) << name;
    }
}

TEST_F(TreeDigestTest, StampChangesWithAnyWriteThatHidesItsTime) {
    const std::string file = tree() + "/folder/file";
    const std::string before = stamp_tree(tree());
    // ctime advances with the tick of the kernel.
    ::usleep(20000);
    files.write("tree/folder/file", "c0ntent");
    set_time(file, k_long_ago);
    EXPECT_NE(stamp_tree(tree()), before);
}

TEST_F(TreeDigestTest, SaysWhichFolderCannotBeRead) {
    const util::ErrorInfo error = error_of([&] { digest_tree(files / "none", 0); });
    EXPECT_THAT(error.what, testing::HasSubstr("none"));
}

} // namespace
} // namespace kiln::tests
