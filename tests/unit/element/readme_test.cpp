#include "element/readme.hpp"
#include "element_fixture.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::parse_readme;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Readme, ThePurposeIsTheFirstSentenceOfTheFirstParagraph) {
    const auto readme = parse_readme("# name\n\nDoes this,\nand that. More of it.\n\nOther.\n");
    EXPECT_EQ(readme.purpose, "Does this, and that.");
    EXPECT_EQ(readme.summary, "Does this, and that. More of it.");
}

TEST(Readme, TitlesOfReStructuredTextAreNoParagraphs) {
    EXPECT_EQ(parse_readme("====\nname\n====\n.. note: x\n\nInstalls it.\n").purpose,
              "Installs it.");
}

TEST(Readme, RowsOfAVariableTableAreVariables) {
    const auto variables = parse_readme("Text.\n\n| variable | default | meaning |\n"
                                        "| --- | --- | --- |\n"
                                        "| `DIB_A`, `DIB_B` | `1` | both |\n")
                               .variables;
    ASSERT_THAT(variables, SizeIs(1));
    EXPECT_THAT(variables[0].names, ElementsAre("DIB_A", "DIB_B"));
    EXPECT_EQ(variables[0].default_value, "`1`");
    EXPECT_EQ(variables[0].meaning, "both");
}

TEST(Readme, OtherTablesAreNot) {
    EXPECT_THAT(parse_readme("| partition | type |\n| --- | --- |\n| ROOT | EF00 |\n").variables,
                IsEmpty());
}

TEST(Readme, TermsOfADefinitionListAreVariables) {
    const auto variables =
        parse_readme("Title\n=====\n\nText.\n\n``DIB_FOO``\n  What it does.\n").variables;
    ASSERT_THAT(variables, SizeIs(1));
    EXPECT_THAT(variables[0].names, ElementsAre("DIB_FOO"));
    EXPECT_EQ(variables[0].meaning, "What it does.");
}

TEST(Readme, AnEmptyOneSaysNothing) {
    EXPECT_EQ(parse_readme("").purpose, "");
    EXPECT_EQ(parse_readme("# title only").purpose, "");
}

class ReadmeFile : public ElementTest {};

TEST_F(ReadmeFile, MarkdownComesBeforeReStructuredText) {
    files.write("elements/x/README.rst", "Rst.\n");
    EXPECT_EQ(element::load_readme(at("x"))->purpose, "Rst.");
    files.write("elements/x/README.md", "Md.\n");
    EXPECT_EQ(element::load_readme(at("x"))->purpose, "Md.");
}

TEST_F(ReadmeFile, ThereMayBeNone) {
    element("x");
    EXPECT_FALSE(element::load_readme(at("x")));
}

} // namespace
} // namespace kiln::tests
