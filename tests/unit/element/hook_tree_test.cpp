#include "element/hook_tree.hpp"
#include "unit/element/element_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::HookTree;
using ::testing::ElementsAre;

class HookTreeTest : public ElementTest {
protected:
    void file(const std::string& name, const std::string& content = "x", unsigned mode = 0644) {
        files.write("elements/" + name, content, mode);
    }

    [[nodiscard]] HookTree tree() const { return HookTree({at("a"), at("b")}); }

    [[nodiscard]] util::ErrorInfo tree_error() const {
        return error_of([&] { static_cast<void>(tree()); });
    }

    [[nodiscard]] std::vector<std::string> paths() const {
        std::vector<std::string> list;
        for (const auto& entry : tree().entries()) {
            list.push_back(entry.relative_path);
        }
        return list;
    }

    void SetUp() override {
        element("a");
        element("b");
    }
};

TEST_F(HookTreeTest, MergesTheFoldersOfAllElements) {
    file("a/install.d/10-a");
    file("b/install.d/20-b");
    file("b/bin/tool");
    EXPECT_THAT(paths(), ElementsAre("bin/tool", "install.d/10-a", "install.d/20-b"));
    EXPECT_EQ(tree().element_of("install.d/20-b"), "b");
    EXPECT_EQ(tree().element_of("install.d/30-c"), "");
}

TEST_F(HookTreeTest, LeavesOutTestsAndDescriptions) {
    for (const char* name : {"a/tests/t",
                             "a/test-elements/e/element-deps",
                             "a/__pycache__/x.pyc",
                             "a/bin/__pycache__/x.pyc",
                             "a/.git/config",
                             "a/README.rst",
                             "a/README.md",
                             "a/element-deps",
                             "a/element-provides",
                             "a/pkg-map"}) {
        file(name);
    }
    EXPECT_THAT(paths(), ElementsAre("pkg-map"));
}

TEST_F(HookTreeTest, RefusesADuplicateHook) {
    file("a/install.d/10-x");
    file("b/install.d/10-x");
    const util::ErrorInfo error = tree_error();
    EXPECT_EQ(error.what, "duplicate hook 'install.d/10-x' in elements 'a' and 'b'");
    EXPECT_EQ(error.code, util::ExitCode::hook);
    EXPECT_FALSE(error.hint.empty());
}

TEST_F(HookTreeTest, RefusesOtherDuplicatesOnlyWhenTheyDiffer) {
    file("a/static/etc/motd", "hello");
    file("b/static/etc/motd", "hello");
    EXPECT_THAT(paths(), ElementsAre("static/etc/motd"));
    file("b/static/etc/motd", "howdy");
    EXPECT_EQ(tree_error().what, "duplicate file 'static/etc/motd' in elements 'a' and 'b'");
}

TEST_F(HookTreeTest, TakesAnotherModeForADifference) {
    file("a/bin/tool", "same", 0755);
    file("b/bin/tool", "same", 0644);
    EXPECT_EQ(tree_error().what, "duplicate file 'bin/tool' in elements 'a' and 'b'");
}

TEST_F(HookTreeTest, RefusesAFileWhereAnotherElementHasAFolder) {
    file("a/static/etc", "file");
    file("b/static/etc/motd");
    EXPECT_EQ(tree_error().what, "duplicate file 'static/etc' in elements 'a' and 'b'");
}

TEST_F(HookTreeTest, LetsALaterElementReplaceATopLevelFile) {
    file("a/settings", "first");
    file("b/settings", "second");
    tree().write(files / "out");
    EXPECT_EQ(files.read("out/settings"), "second");
    EXPECT_EQ(tree().element_of("settings"), "b");
}

TEST_F(HookTreeTest, CopiesModesLinksAndEmptyFolders) {
    file("a/install.d/10-run", "#!/bin/sh\n", 0755);
    file("a/install.d/20-data", "x", 0640);
    files.link("../bin/tool", "elements/a/install.d/30-link");
    files.directory("elements/a/static/var/empty");
    tree().write(files / "out/hooks");
    namespace fs = std::filesystem;
    EXPECT_EQ(fs::status(files / "out/hooks/install.d/10-run").permissions(), fs::perms(0755));
    EXPECT_EQ(fs::status(files / "out/hooks/install.d/20-data").permissions(), fs::perms(0640));
    EXPECT_EQ(fs::read_symlink(files / "out/hooks/install.d/30-link"), "../bin/tool");
    EXPECT_TRUE(fs::is_directory(files / "out/hooks/static/var/empty"));
}

TEST_F(HookTreeTest, WritesOverAnEarlierCopy) {
    file("a/install.d/10-run", "new");
    files.link("10-run", "elements/a/install.d/20-link");
    tree().write(files / "out");
    tree().write(files / "out");
    EXPECT_EQ(files.read("out/install.d/20-link"), "new");
}

} // namespace
} // namespace kiln::tests
