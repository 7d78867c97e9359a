#include "disk/raw_file.hpp"
#include "disk/sizes.hpp"
#include "inspect/layout.hpp"
#include "support.hpp"
#include "util/text.hpp"

namespace kiln::inspect {
namespace {

using disk::k_mebibyte;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* k_table = "label: gpt\nlabel-id: 11111111-2222-4333-8444-555555555555\n"
                                "size=2MiB, type=21686148-6449-6E6F-744E-656564454649, "
                                "uuid=AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE, name=boot\n"
                                "size=16MiB, type=L, bootable\n";

class LayoutTest : public testing::Test {
protected:
    /// A disk of 32 MiB with an ext4 in its last partition.
    std::string make(const std::string& name, const std::string& table = k_table) {
        const std::string path = files / name;
        disk::RawFile::create(path, 32 * k_mebibyte);
        process::PosixRunner runner;
        const process::Result made = runner.run({.argv = {"sfdisk", "-q", path},
                                                 .environment = process::tool_environment(),
                                                 .input = table});
        EXPECT_EQ(made.exit_code, 0) << made.err;
        tests::output_of({"mke2fs",
                          "-qFt",
                          "ext4",
                          "-U",
                          "01234567-89ab-4def-8123-456789abcdef",
                          "-E",
                          "offset=3145728,hash_seed=01234567-89ab-4def-8123-456789abcdef",
                          path,
                          "16M"});
        return path;
    }

    static Layout read(const std::string& path) {
        return read_layout({.raw_path = path, .root = disk::Region{.offset = 3 * k_mebibyte}});
    }

    /// "item property" of all that differs.
    std::vector<std::string> differences(const std::string& a, const std::string& b) {
        std::vector<std::string> found;
        for (const LayoutDifference& difference : diff_layouts(read(a), read(b))) {
            for (const Change& change : difference.changes) {
                found.push_back(presence_name(difference.presence) + " " + difference.item + ": " +
                                change.property);
            }
        }
        return found;
    }

    void patch(const std::string& path, std::uint64_t at) {
        disk::RawFile::open_writable(path).write({.offset = at, .bytes = "changed"});
    }

    tests::TestFiles files;
};

const LayoutItem& item(const Layout& layout, const std::string& name) {
    for (const LayoutItem& item : layout) {
        if (item.name == name) {
            return item;
        }
    }
    throw util::Error({.what = "no item " + name});
}

TEST_F(LayoutTest, has_the_table_the_partitions_and_their_filesystems) {
    const Layout layout = read(make("disk"));
    EXPECT_THAT(item(layout, "disk").properties,
                ElementsAre(Pair("size", "33554432"),
                            Pair("table", "gpt"),
                            Pair("id", "11111111-2222-4333-8444-555555555555")));
    EXPECT_THAT(item(layout, "partition 1").properties,
                ElementsAre(Pair("type", "21686148-6449-6e6f-744e-656564454649"),
                            Pair("start", "1048576"),
                            Pair("size", "2097152"),
                            Pair("boot flag", "no"),
                            Pair("uuid", "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"),
                            Pair("name", "boot")));
    EXPECT_THAT(item(layout, "content of partition 1").properties,
                ElementsAre(Pair("content", testing::SizeIs(64))));
    const Properties& root = item(layout, "filesystem of partition 2").properties;
    EXPECT_THAT(root, Contains(Pair("uuid", "01234567-89ab-4def-8123-456789abcdef")));
    EXPECT_THAT(root, testing::Not(Contains(Pair("content", testing::_))));
}

TEST_F(LayoutTest, of_an_msdos_disk_has_its_signature) {
    const std::string path =
        make("disk", "label: dos\nlabel-id: 0x12ab34cd\nstart=6144, type=83, bootable\n");
    const Layout layout = read(path);
    EXPECT_THAT(item(layout, "disk").properties, Contains(Pair("id", "12ab34cd")));
    EXPECT_THAT(item(layout, "partition 1").properties,
                ElementsAre(Pair("type", "83"),
                            Pair("start", "3145728"),
                            Pair("size", "30408704"),
                            Pair("boot flag", "yes")));
}

TEST_F(LayoutTest, differs_in_what_was_changed) {
    const std::string a = make("a");
    EXPECT_THAT(differences(a, make("b")), testing::Not(Contains("changed disk: id")));
    const std::string moved = make("moved", util::replace_all(k_table, "name=boot", "name=other"));
    EXPECT_THAT(differences(a, moved), Contains("changed partition 1: name"));
    const std::string one = make("one", "label: gpt\nstart=6144, size=16MiB\n");
    EXPECT_THAT(differences(a, one), Contains("removed partition 2: size"));
    EXPECT_THAT(differences(one, a), Contains("added partition 2: size"));
}

TEST_F(LayoutTest, sees_boot_code_and_nameless_content) {
    const std::string a = make("a");
    const std::string b = files / "b";
    std::filesystem::copy_file(a, b);
    EXPECT_THAT(differences(a, b), IsEmpty());
    patch(b, 0);
    EXPECT_THAT(differences(a, b), ElementsAre("changed boot code: first sector"));
    patch(b, 100 * disk::k_sector);
    patch(b, k_mebibyte + 5);
    EXPECT_THAT(differences(a, b),
                ElementsAre("changed boot code: first sector",
                            "changed boot code: before the first partition",
                            "changed content of partition 1: content"));
}

TEST_F(LayoutTest, of_a_disk_without_a_table_is_its_filesystem) {
    const std::string path = files / "flat";
    disk::RawFile::create(path, 8 * k_mebibyte);
    tests::output_of({"mke2fs", "-qFL", "flat", path});
    const Layout layout = read_layout({.raw_path = path, .root = disk::Region{.offset = 0}});
    ASSERT_EQ(layout.size(), 2U);
    EXPECT_THAT(item(layout, "disk").properties, Contains(Pair("table", "none")));
    EXPECT_THAT(item(layout, "filesystem of disk").properties, Contains(Pair("label", "flat")));
}

} // namespace
} // namespace kiln::inspect
