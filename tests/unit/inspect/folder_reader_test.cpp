#include "inspect/folder_reader.hpp"
#include "support.hpp"
#include "util/digest.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace kiln::inspect {
namespace {

using testing::HasSubstr;

TEST(FolderReader, sends_all_that_a_tree_has) {
    const tests::TestFiles files;
    files.write("tree/etc/passwd", "root", 0640);
    files.link("/etc/passwd", "tree/link");
    files.link("/nowhere", "tree/broken");
    std::filesystem::create_hard_link(files / "tree/etc/passwd", files / "tree/second");
    ASSERT_EQ(::mkfifo((files / "tree/pipe").c_str(), 0600), 0);
    ASSERT_EQ(::setxattr((files / "tree/etc/passwd").c_str(), "user.kiln", "v", 1, 0), 0);
    const TreeIndex tree =
        tests::index_of([&](util::TreeSink& sink) { read_folder(files / "tree", sink); });
    const IndexedFile& file = tree.files.at("etc/passwd");
    EXPECT_EQ(file.digest, util::sha256("root"));
    EXPECT_EQ(file.mode, 0640U);
    EXPECT_EQ(file.user, ::getuid());
    EXPECT_EQ(file.attributes.at("user.kiln"), "v");
    EXPECT_EQ(file.identity, tree.files.at("second").identity);
    EXPECT_EQ(tree.files.at("link").target, "/etc/passwd");
    EXPECT_EQ(tree.files.at("broken").type, util::EntryType::symlink);
    EXPECT_EQ(tree.files.at("pipe").type, util::EntryType::fifo);
    EXPECT_EQ(tree.files.at("etc").type, util::EntryType::directory);
    EXPECT_EQ(tree.files.size(), 7U);
}

TEST(FolderReader, names_what_it_cannot_read) {
    if (::geteuid() == 0) {
        GTEST_SKIP() << "root reads everything";
    }
    const tests::TestFiles files;
    files.write("tree/closed", "x", 0);
    EXPECT_THAT(tests::error_of([&] {
                    tests::index_of(
                        [&](util::TreeSink& sink) { read_folder(files / "tree", sink); });
                }).what,
                HasSubstr("closed"));
}

} // namespace
} // namespace kiln::inspect
