#include "inspect/layer_origin.hpp"
#include "support.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace kiln::inspect {
namespace {

class LayerOrigins : public testing::Test {
protected:
    LayerFolders layers(std::size_t count) {
        std::vector<Layer> list;
        for (std::size_t i = 1; i <= count; ++i) {
            const std::string name = std::to_string(i);
            list.push_back({.title = "hook " + name, .folder = files.directory(name)});
        }
        return LayerFolders(list);
    }

    void whiteout(const std::string& name) {
        ASSERT_EQ(::mknod((files / name).c_str(), S_IFCHR, 0), 0);
    }

    void mark(const std::string& name, const char* attribute, const std::string& value) {
        ASSERT_EQ(::setxattr((files / name).c_str(), attribute, value.data(), value.size(), 0), 0);
    }

    tests::TestFiles files;
};

TEST_F(LayerOrigins, are_the_last_that_wrote_a_path) {
    files.write("1/etc/a", "1");
    files.write("1/etc/b", "1");
    files.write("2/etc/a", "2");
    files.directory("3");
    LayerFolders origin = layers(3);
    EXPECT_EQ(origin.writer_of("etc/a"), "hook 2");
    EXPECT_EQ(origin.writer_of("etc/b"), "hook 1");
    EXPECT_EQ(origin.writer_of("etc"), "hook 2");
    EXPECT_EQ(origin.writer_of("etc/c"), std::nullopt);
    EXPECT_EQ(origin.writer_of("etc/a/below"), std::nullopt);
}

TEST_F(LayerOrigins, are_those_that_removed_a_path) {
    files.write("1/etc/a", "1");
    files.write("1/etc/b", "1");
    files.write("1/opt/x/y", "1");
    files.directory("2/etc");
    whiteout("2/etc/a");
    files.write("2/etc/b", "");
    mark("2/etc/b", "user.overlay.whiteout", "y");
    whiteout("2/opt");
    LayerFolders origin = layers(2);
    EXPECT_EQ(origin.writer_of("etc/a"), "hook 2");
    EXPECT_EQ(origin.writer_of("etc/b"), "hook 2");
    EXPECT_EQ(origin.writer_of("opt/x/y"), "hook 2");
}

TEST_F(LayerOrigins, made_a_folder_anew) {
    files.write("1/opt/old", "1");
    files.write("2/opt/new", "2");
    mark("2/opt", "user.overlay.opaque", "y");
    LayerFolders origin = layers(3);
    EXPECT_EQ(origin.writer_of("opt/old"), "hook 2");
    EXPECT_EQ(origin.writer_of("opt/new"), "hook 2");
    // It hides much, but this was never there.
    EXPECT_EQ(origin.writer_of("opt/never"), std::nullopt);
}

TEST_F(LayerOrigins, put_a_link_in_the_place_of_a_folder) {
    files.write("1/lib/a", "1");
    files.directory("2");
    files.link("/", "2/lib");
    EXPECT_EQ(layers(2).writer_of("lib/a"), "hook 2");
}

TEST_F(LayerOrigins, do_not_answer_from_below_a_closed_folder) {
    if (::geteuid() == 0) {
        GTEST_SKIP() << "nothing is closed to root";
    }
    files.write("1/etc/a", "1");
    files.write("2/etc/a", "2");
    LayerFolders origin = layers(2);
    EXPECT_EQ(origin.closed_layer(), std::nullopt);
    ASSERT_EQ(::chmod((files / "2/etc").c_str(), 0), 0);
    EXPECT_EQ(origin.writer_of("etc/a"), std::nullopt);
    EXPECT_EQ(origin.closed_layer(), "hook 2");
    ASSERT_EQ(::chmod((files / "2/etc").c_str(), 0700), 0);
}

TEST_F(LayerOrigins, that_are_gone_leave_no_answer_from_below_them) {
    files.write("1/a", "1");
    files.write("3/b", "3");
    LayerFolders origin({{.title = "one", .folder = files / "1"},
                         {.title = "two", .folder = files / "missing"},
                         {.title = "three", .folder = files / "3"}});
    EXPECT_EQ(origin.writer_of("b"), "three");
    EXPECT_EQ(origin.writer_of("a"), std::nullopt);
    EXPECT_EQ(origin.closed_layer(), "two");
}

} // namespace
} // namespace kiln::inspect
