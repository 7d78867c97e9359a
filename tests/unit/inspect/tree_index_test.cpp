#include "inspect/tree_index.hpp"
#include "support.hpp"
#include "util/digest.hpp"

namespace kiln::inspect {
namespace {

using testing::HasSubstr;
using tests::error_of;
using tests::file_entry;
using tests::folder_entry;
using tests::index_of;
using tests::link_entry;

TEST(TreeIndex, has_the_digest_of_each_content) {
    const TreeIndex tree = index_of([](util::TreeSink& sink) {
        sink.add(folder_entry("."));
        sink.add(file_entry("./a", 7));
        sink.data(0, "con");
        sink.data(3, "tent");
        sink.add(file_entry("empty"));
    });
    EXPECT_EQ(tree.files.at("a").digest, util::sha256("content"));
    EXPECT_EQ(tree.files.at("empty").digest, util::sha256(""));
    EXPECT_EQ(tree.files.at("").type, util::EntryType::directory);
}

TEST(TreeIndex, takes_holes_for_zeros) {
    const TreeIndex tree = index_of([](util::TreeSink& sink) {
        sink.add(file_entry("hole", 10));
        sink.data(4, "x");
        sink.add(file_entry("zeros", 10));
        sink.data(0, std::string("\0\0\0\0x\0\0\0\0\0", 10));
    });
    EXPECT_EQ(tree.files.at("hole").digest, tree.files.at("zeros").digest);
}

TEST(TreeIndex, knows_the_names_of_one_file) {
    const TreeIndex tree = index_of([](util::TreeSink& sink) {
        sink.add(file_entry("a", 1));
        sink.data(0, "x");
        sink.add(link_entry("b", "./a"));
        sink.add(file_entry("c", 1));
        sink.data(0, "x");
    });
    EXPECT_EQ(tree.files.at("b").digest, util::sha256("x"));
    EXPECT_EQ(tree.files.at("a").identity, tree.files.at("b").identity);
    EXPECT_NE(tree.files.at("a").identity, tree.files.at("c").identity);
}

TEST(TreeIndex, leaves_out_the_folder_that_mke2fs_makes) {
    const TreeIndex tree =
        index_of([](util::TreeSink& sink) { sink.add(folder_entry("lost+found")); });
    EXPECT_TRUE(tree.files.empty());
}

TEST(TreeIndex, keeps_the_databases_of_packages) {
    const TreeIndex tree = index_of([](util::TreeSink& sink) {
        sink.add(file_entry("var/lib/dpkg/status", 8));
        sink.data(0, "Package:");
        sink.add(file_entry("var/lib/dpkg/other", 8));
        sink.data(0, "Package:");
    });
    EXPECT_THAT(tree.databases,
                testing::ElementsAre(testing::Pair("var/lib/dpkg/status", "Package:")));
}

TEST(TreeIndex, refuses_what_no_tree_has) {
    const auto refusal = [](const util::TreeEntry& entry) {
        return error_of([&] { index_of([&](util::TreeSink& sink) { sink.add(entry); }); }).what;
    };
    EXPECT_THAT(refusal(file_entry("../up")), HasSubstr("'..'"));
    EXPECT_THAT(refusal(file_entry("/etc/passwd")), HasSubstr("absolute"));
    EXPECT_THAT(refusal(link_entry("a", "missing")), HasSubstr("did not bring"));
    EXPECT_THAT(refusal(file_entry("big", std::uint64_t{1} << 60U)), HasSubstr("larger than"));
}

TEST(TreeIndex, refuses_content_outside_of_its_file) {
    const auto send = [](std::uint64_t offset) {
        index_of([&](util::TreeSink& sink) {
            sink.add(file_entry("a", 4));
            sink.data(2, "x");
            sink.data(offset, "yy");
        });
    };
    EXPECT_THAT(error_of([&] { send(3); }).what, HasSubstr("outside"));
    EXPECT_THAT(error_of([&] { send(0); }).what, HasSubstr("outside"));
    EXPECT_THAT(error_of([&] { send(~std::uint64_t{0}); }).what, HasSubstr("outside"));
}

TEST(TreeIndex, stops_where_the_caller_says) {
    TreeIndexer indexer({}, [] { throw util::Error({.what = "enough"}); });
    EXPECT_EQ(error_of([&] { indexer.add(file_entry("a")); }).what, "enough");
}

TEST(TreeIndex, has_a_limit_of_entries) {
    TreeIndexer indexer({.entries = 1});
    indexer.add(file_entry("a"));
    EXPECT_THAT(error_of([&] { indexer.add(file_entry("b")); }).what, HasSubstr("more than 1"));
}

} // namespace
} // namespace kiln::inspect
