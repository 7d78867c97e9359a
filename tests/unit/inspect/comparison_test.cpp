#include "inspect/comparison.hpp"
#include "inspect/comparison_report.hpp"
#include "support.hpp"

#include <nlohmann/json.hpp>

namespace kiln::inspect {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

ImageContents contents(const std::vector<std::string>& paths) {
    ImageContents found;
    for (const std::string& path : paths) {
        found.tree.files[path] = {};
    }
    return found;
}

ImageContents with_packages(const std::string& status) {
    ImageContents found = contents({});
    found.tree.databases["var/lib/dpkg/status"] = status;
    return found;
}

std::string text_of(const Comparison& found, std::size_t limit = 50) {
    return comparison_text({.a = "a.raw", .b = "b.raw"}, found, {.limit = limit});
}

json json_of(const Comparison& found) {
    return json::parse(comparison_json({.a = "a.raw", .b = "b.raw"}, found));
}

TEST(Comparison, of_the_same_contents_differs_in_nothing) {
    const Comparison found = compare_contents(contents({"a"}), contents({"a"}), {});
    EXPECT_FALSE(found.differs());
    EXPECT_THAT(found.notes, IsEmpty());
    EXPECT_THAT(text_of(found), HasSubstr("no difference"));
}

TEST(Comparison, is_of_the_parts_that_were_asked_for) {
    ImageContents a = with_packages("Package: x\nVersion: 1\n");
    ImageContents b = with_packages("Package: x\nVersion: 2\n");
    a.tree.files["f"] = {};
    a.layout = Layout{{.name = "disk", .properties = {{"size", "1"}}}};
    b.layout = Layout{{.name = "disk", .properties = {{"size", "2"}}}};
    const Comparison all = compare_contents(a, b, {});
    EXPECT_EQ(all.files.size(), 1U);
    EXPECT_EQ(all.packages.size(), 1U);
    EXPECT_EQ(all.layout.size(), 1U);
    const Comparison packages = compare_contents(a, b, {.layout = false, .files = false});
    EXPECT_THAT(packages.files, IsEmpty());
    EXPECT_THAT(packages.layout, IsEmpty());
    EXPECT_TRUE(packages.differs());
    EXPECT_FALSE(
        compare_contents(a, b, {.layout = false, .packages = false, .files = false}).differs());
}

TEST(Comparison, notes_what_cannot_be_compared) {
    ImageContents disk = with_packages("Package: x\n");
    disk.layout = Layout{};
    disk.tree.has_fractions = true;
    ImageContents tar = contents({"var/lib/rpm/rpmdb.sqlite"});
    const Comparison found = compare_contents(disk, tar, {});
    EXPECT_THAT(found.notes,
                ElementsAre(HasSubstr("A is a disk, B has none"),
                            HasSubstr("B has no database of dpkg"),
                            HasSubstr("rpm"),
                            HasSubstr("B has no fractions")));
    EXPECT_THAT(text_of(found), HasSubstr("note: the layout is not compared"));
    EXPECT_EQ(json_of(found).at("notes").size(), 4U);
}

TEST(ComparisonText, shows_so_many_files_and_counts_the_others) {
    const Comparison found = compare_contents(contents({}), contents({"a", "b", "c"}), {});
    const std::string text = text_of(found, 2);
    EXPECT_THAT(text, HasSubstr("files: 3 (3 added)\n  + /a\n  + /b\n  ... and 1 more"));
    EXPECT_THAT(text_of(found, 0), HasSubstr("  + /c\n"));
    EXPECT_THAT(text_of(found, 3), Not(HasSubstr("more")));
}

TEST(ComparisonText, groups_what_differs) {
    Comparison found;
    found.layout = {{.item = "partition 1",
                     .changes = {{.property = "uuid", .a = "one", .b = "two"},
                                 {.property = "content", .a = "x", .b = "y"}}}};
    found.packages = {{.name = "bash",
                       .architecture = "amd64",
                       .change = PackageChange::upgraded,
                       .a = "1",
                       .b = "2"}};
    found.files = {{.path = "bin/ping",
                    .changes = {{.property = "content", .a = "x", .b = "y"},
                                {.property = "size", .a = "10", .b = "2048"},
                                {.property = "xattr user.x", .a = std::nullopt, .b = "\x1b"}}}};
    EXPECT_EQ(text_of(found),
              "A: a.raw\nB: b.raw\n"
              "layout: 1 (1 changed)\n  ~ partition 1\n      uuid: one -> two\n"
              "      content differs\n"
              "packages: 1 (1 upgraded)\n  ~ bash amd64 1 -> 2\n"
              "files: 1 (1 changed)\n"
              "  ~ /bin/ping: content, size 10 B -> 2.0 KiB, xattr user.x none -> \\x1b\n");
}

TEST(ComparisonText, tells_where_disks_with_the_same_files_differ) {
    Comparison found;
    found.first_byte = 4096;
    EXPECT_TRUE(found.differs());
    EXPECT_THAT(text_of(found), HasSubstr("from byte 4096 on"));
    EXPECT_EQ(json_of(found).at("first_differing_byte"), 4096);
}

/// Knows the writer of one path.
class OneOrigin : public LayerOrigin {
public:
    explicit OneOrigin(std::string title) : title_(std::move(title)) {}

    std::optional<std::string> writer_of(const std::string& path) override {
        return path == "a" ? std::optional(title_) : std::nullopt;
    }

private:
    std::string title_;
};

TEST(Comparison, names_the_hooks_that_wrote_what_differs) {
    Comparison found = compare_contents(contents({"b"}), contents({"a"}), {});
    OneOrigin origin("install.d/50-x (element e)");
    tell_writers(found, nullptr, &origin);
    EXPECT_THAT(text_of(found),
                HasSubstr("  + /a\n      B: by install.d/50-x (element e)\n  - /b\n"));
    const json files = json_of(found).at("files");
    EXPECT_EQ(files.at(0).at("hook"), json({{"a", nullptr}, {"b", "install.d/50-x (element e)"}}));
    EXPECT_FALSE(files.at(1).contains("hook"));
    tell_writers(found, &origin, &origin);
    EXPECT_THAT(text_of(found), HasSubstr("  + /a\n      by install.d/50-x"));
}

TEST(ComparisonJson, has_every_difference_with_its_values) {
    Comparison found;
    found.layout = {{.item = "disk", .changes = {{.property = "size", .a = "1", .b = "2"}}}};
    found.packages = {
        {.name = "x", .architecture = "all", .change = PackageChange::added, .b = "1"}};
    found.files = {{.path = "odd\n\xff",
                    .changes = {{.property = "mode", .a = "0644", .b = "0600"},
                                {.property = "xattr user.x", .a = std::nullopt, .b = "\x01"}}}};
    const json expected = json::parse(R"({
        "a": "a.raw", "b": "b.raw", "differs": true, "same_bytes": false,
        "first_differing_byte": null,
        "layout": [{"item": "disk", "change": "changed",
                    "properties": [{"property": "size", "a": "1", "b": "2"}]}],
        "packages": [{"name": "x", "architecture": "all", "change": "added", "a": null, "b": "1"}],
        "files": [{"path": "/odd\\x0a\\xff", "change": "changed", "type": "file",
                   "properties": [{"property": "mode", "a": "0644", "b": "0600"},
                                  {"property": "xattr user.x", "a": null, "b": "\\x01"}]}],
        "notes": []})");
    EXPECT_EQ(json_of(found), expected);
}

} // namespace
} // namespace kiln::inspect
