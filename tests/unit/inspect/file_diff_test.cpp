#include "inspect/file_diff.hpp"
#include "support.hpp"
#include "util/text.hpp"

namespace kiln::inspect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using tests::file_entry;
using tests::folder_entry;
using tests::index_of;
using tests::link_entry;

/// "changed path: property a>b, ...", with digests left out.
std::vector<std::string>
lines_of(const TreeIndex& a, const TreeIndex& b, Times times = Times::compared) {
    std::vector<std::string> lines;
    for (const FileDifference& found : diff_files(a, b, times)) {
        std::vector<std::string> parts;
        for (const Change& change : found.changes) {
            parts.push_back(change.property == "content"
                                ? "content"
                                : change.property + " " + change.a.value_or("-") + ">" +
                                      change.b.value_or("-"));
        }
        lines.push_back(presence_name(found.presence) + " " + found.path + ": " +
                        util::join(parts, ", "));
    }
    return lines;
}

TreeIndex one(const util::TreeEntry& entry, const std::string& content = "") {
    return index_of([&](util::TreeSink& sink) {
        sink.add(folder_entry("."));
        sink.add(entry);
        sink.data(0, content);
    });
}

TEST(FileDiff, of_the_same_tree_is_empty) {
    EXPECT_THAT(lines_of(one(file_entry("a", 1), "x"), one(file_entry("a", 1), "x")), IsEmpty());
}

TEST(FileDiff, names_what_came_and_went_in_the_order_of_paths) {
    const auto tree = [](const std::vector<std::string>& paths) {
        return index_of([&](util::TreeSink& sink) {
            for (const std::string& path : paths) {
                sink.add(file_entry(path));
            }
        });
    };
    EXPECT_THAT(lines_of(tree({"a", "b", "d"}), tree({"b", "c", "e"})),
                ElementsAre("removed a: ", "added c: ", "removed d: ", "added e: "));
    EXPECT_THAT(lines_of(tree({}), tree({"x"})), ElementsAre("added x: "));
}

TEST(FileDiff, names_every_property_that_changed) {
    util::TreeEntry a = file_entry("f", 1);
    util::TreeEntry b = file_entry("f", 2);
    b.mode = 04755;
    b.user = 33;
    b.modified = {.seconds = 86400, .nanoseconds = 5};
    a.modified = {.seconds = 0, .nanoseconds = 1};
    a.attributes = {{.name = "user.gone", .value = "1"}, {.name = "user.same", .value = "1"}};
    b.attributes = {{.name = "user.new", .value = "2"}, {.name = "user.same", .value = "1"}};
    EXPECT_THAT(lines_of(one(a, "x"), one(b, "xy")),
                ElementsAre("changed f: content, size 1>2, mode 0644>4755, owner 0:0>33:0, time "
                            "1970-01-01T00:00:00.000000001Z>1970-01-02T00:00:00.000000005Z, "
                            "xattr user.gone 1>-, xattr user.new ->2"));
}

TEST(FileDiff, of_another_type_does_not_compare_contents) {
    util::TreeEntry link{
        .path = "f", .type = util::EntryType::symlink, .target = "t", .mode = 0777};
    EXPECT_THAT(lines_of(one(file_entry("f", 1), "x"), one(link)),
                ElementsAre("changed f: type file>link, mode 0644>0777"));
}

TEST(FileDiff, compares_targets_of_links_and_numbers_of_devices) {
    util::TreeEntry entry{.path = "d", .type = util::EntryType::device, .target = "c 1:3"};
    util::TreeEntry other = entry;
    other.target = "c 1:5";
    EXPECT_THAT(lines_of(one(entry), one(other)), ElementsAre("changed d: target c 1:3>c 1:5"));
}

TEST(FileDiff, can_leave_times_out) {
    util::TreeEntry late = file_entry("f");
    late.modified.seconds = 9;
    EXPECT_THAT(lines_of(one(file_entry("f")), one(late), Times::ignored), IsEmpty());
    EXPECT_EQ(lines_of(one(file_entry("f")), one(late)).size(), 1U);
}

TEST(FileDiff, compares_seconds_where_one_tree_has_no_more) {
    util::TreeEntry fine = file_entry("f");
    fine.modified = {.seconds = 7, .nanoseconds = 123};
    util::TreeEntry coarse = file_entry("f");
    coarse.modified = {.seconds = 7};
    EXPECT_THAT(lines_of(one(fine), one(coarse)), IsEmpty());
}

TEST(FileDiff, tells_which_names_are_one_file) {
    const TreeIndex linked = index_of([](util::TreeSink& sink) {
        sink.add(file_entry("a"));
        sink.add(link_entry("b", "a"));
    });
    const TreeIndex split = index_of([](util::TreeSink& sink) {
        sink.add(file_entry("a"));
        sink.add(file_entry("b"));
    });
    EXPECT_THAT(lines_of(linked, split),
                ElementsAre("changed a: links /b>-", "changed b: links /a>-"));
}

TEST(FileDiff, does_not_blame_the_other_names_for_one_that_went) {
    const TreeIndex three = index_of([](util::TreeSink& sink) {
        sink.add(file_entry("a"));
        sink.add(link_entry("b", "a"));
        sink.add(link_entry("c", "a"));
    });
    // The first name, by which the reader knows the file, is another one now.
    const TreeIndex two = index_of([](util::TreeSink& sink) {
        sink.add(file_entry("c"));
        sink.add(link_entry("b", "c"));
    });
    EXPECT_THAT(lines_of(three, two), ElementsAre("removed a: "));
}

TEST(FileDiff, does_not_miss_the_root_of_a_tar_without_one) {
    const TreeIndex without = index_of([](util::TreeSink& sink) { sink.add(file_entry("f")); });
    EXPECT_THAT(lines_of(one(file_entry("f")), without), IsEmpty());
}

} // namespace
} // namespace kiln::inspect
