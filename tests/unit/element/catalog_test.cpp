#include "element/catalog.hpp"
#include "unit/element/element_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::Catalog;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CatalogTest : public ElementTest {};

TEST_F(CatalogTest, D13RefusesAPathEntryThatIsNoDirectory) {
    const util::ErrorInfo error = error_of([] { element::parse_elements_path("/:/not/a/dir"); });
    EXPECT_EQ(error.what, "ELEMENTS_PATH entry '/not/a/dir' is not a directory");
    EXPECT_EQ(error.code, util::ExitCode::usage);
    EXPECT_FALSE(error.hint.empty());
}

TEST_F(CatalogTest, D14TakesAnElementFromTheFirstFolderThatHasIt) {
    element("both", "", "", "first");
    element("both", "", "", "second");
    const Catalog catalog({files.path() / "first", files.path() / "second"});
    EXPECT_EQ(catalog.find("both")->path, files.path() / "first/both");
}

TEST_F(CatalogTest, PathEntriesAreAbsoluteAndEmptyOnesDoNotCount) {
    EXPECT_THAT(element::parse_elements_path(":" + files.path().string() + "::"),
                ElementsAre(files.path()));
    EXPECT_TRUE(element::parse_elements_path(".").front().is_absolute());
    EXPECT_THAT(element::parse_elements_path(""), IsEmpty());
}

TEST_F(CatalogTest, ListsFoldersOnly) {
    element("real");
    files.directory("elements/__pycache__");
    files.directory("elements/.git");
    files.write("elements/README.rst", "");
    files.link("real", "elements/linked");
    EXPECT_THAT(catalog().names(), ElementsAre("linked", "real"));
    EXPECT_FALSE(catalog().find("__pycache__").has_value());
    EXPECT_FALSE(catalog().find("").has_value());
    EXPECT_FALSE(catalog().find("real/../real").has_value());
}

TEST_F(CatalogTest, OwnDiskElementsWinOverOthersOfTheirName) {
    for (const char* name : {"vm", "bootloader", "block-device-gpt", "other"}) {
        element(name, "", "", "own");
        element(name, "", "", "theirs");
    }
    element("block-device-mbr", "", "", "theirs");
    const Catalog catalog({files.path() / "theirs"}, {.own = files.path() / "own"});
    EXPECT_EQ(catalog.find("vm")->path, files.path() / "own/vm");
    EXPECT_EQ(catalog.find("block-device-gpt")->path, files.path() / "own/block-device-gpt");
    EXPECT_EQ(catalog.find("block-device-mbr")->path, files.path() / "theirs/block-device-mbr");
    EXPECT_EQ(catalog.find("other")->path, files.path() / "theirs/other");
    ASSERT_EQ(catalog.shadowed().size(), 3U);
    EXPECT_EQ(catalog.shadowed()[0].path, files.path() / "theirs/block-device-gpt");
}

TEST_F(CatalogTest, OtherDiskElementsWinWhenAllowed) {
    element("vm", "", "", "own");
    element("vm", "", "", "theirs");
    const Catalog catalog({files.path() / "theirs"},
                          {.own = files.path() / "own", .allow_override = true});
    EXPECT_EQ(catalog.find("vm")->path, files.path() / "theirs/vm");
    EXPECT_THAT(catalog.shadowed(), IsEmpty());
}

TEST_F(CatalogTest, OwnFolderInThePathTooShadowsNothing) {
    element("vm", "", "", "own");
    const Catalog catalog({files.path() / "own"}, {.own = files.path() / "own"});
    EXPECT_THAT(catalog.shadowed(), IsEmpty());
}

TEST_F(CatalogTest, TellsWhoProvidesAName) {
    element("b", "", "thing other");
    element("a", "", "thing");
    EXPECT_THAT(catalog().providers_of("thing"), ElementsAre("a", "b"));
}

} // namespace
} // namespace kiln::tests
