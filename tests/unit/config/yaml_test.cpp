#include "config/yaml.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using config::parse_yaml;
using config::YamlNode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

util::ErrorInfo parse_error(const std::string& text) {
    return error_of([&] { parse_yaml(text, "f.yaml"); });
}

TEST(Yaml, GivesScalarsListsAndMaps) {
    const YamlNode root = parse_yaml("a: 1\nb: [x, y]\nc: {d: ~}\n", "f.yaml");
    ASSERT_TRUE(root.is_map());
    EXPECT_EQ(root.find("a")->text(), "1");
    EXPECT_EQ(root.find("b")->items().at(1).text(), "y");
    EXPECT_TRUE(root.find("c")->find("d")->is_null());
    EXPECT_FALSE(root.find("z").has_value());
}

TEST(Yaml, KeepsTheOrderOfAMap) {
    const YamlNode root = parse_yaml("z: 1\na: 2\n", "f.yaml");
    EXPECT_EQ(root.entries().at(0).first.text(), "z");
}

TEST(Yaml, ShowsWhereAMistakeIs) {
    const YamlNode root = parse_yaml("top:\n  - name: web\n", "f.yaml");
    const YamlNode name = *root.find("top")->items().at(0).find("name");
    const util::ErrorInfo error = error_of([&] { name.fail("no good", "try this"); });
    EXPECT_EQ(error.what, "f.yaml:2:11: no good");
    EXPECT_THAT(error.excerpt, ElementsAre("  - name: web", "          ^"));
    EXPECT_EQ(error.hint, "try this");
    EXPECT_EQ(error.code, util::ExitCode::usage);
    EXPECT_EQ(name.position(), "f.yaml:2:11");
}

TEST(Yaml, ShowsWhereItCannotBeParsed) {
    const util::ErrorInfo error = parse_error("a: 1\nb: [x\nc: 2\n");
    EXPECT_THAT(error.what, StartsWith("f.yaml:3:"));
    EXPECT_EQ(error.excerpt.size(), 2U);
    EXPECT_EQ(error.code, util::ExitCode::usage);
}

TEST(Yaml, SaysWhatItExpected) {
    const YamlNode root = parse_yaml("a: [1]\n", "f.yaml");
    EXPECT_THAT(error_of([&] { static_cast<void>(root.text()); }).what, HasSubstr("a plain value"));
    EXPECT_THAT(error_of([&] { static_cast<void>(root.items()); }).what, HasSubstr("a list"));
    EXPECT_EQ(error_of([&] { static_cast<void>(root.find("a")->entries()); }).what,
              "f.yaml:1:4: a mapping (key: value) is expected here");
}

TEST(Yaml, OffersTheNearestKey) {
    const YamlNode root = parse_yaml("name: a\nformts: b\n", "f.yaml");
    const util::ErrorInfo error = error_of([&] { root.require_known_keys({"name", "formats"}); });
    EXPECT_EQ(error.what, "f.yaml:2:1: unknown key 'formts'");
    EXPECT_EQ(error.hint, "did you mean 'formats'?");
}

TEST(Yaml, RefusesAKeyThatStandsTwice) {
    const YamlNode root = parse_yaml("a: 1\na: 2\n", "f.yaml");
    EXPECT_EQ(error_of([&] { static_cast<void>(root.entries()); }).what,
              "f.yaml:2:1: the key 'a' stands twice in one mapping");
}

TEST(Yaml, NamesTheFileOfAnEmptyDocument) {
    const YamlNode root = parse_yaml("", "f.yaml");
    EXPECT_TRUE(root.is_null());
    EXPECT_THAT(error_of([&] { static_cast<void>(root.entries()); }).what, StartsWith("f.yaml: "));
    EXPECT_EQ(root.position(), "f.yaml");
}

TEST(Yaml, LoadsAFile) {
    const TestFiles files;
    const std::string path = files.write("x.yaml", "a: [");
    EXPECT_THAT(error_of([&] { config::load_yaml(path); }).what, StartsWith(path + ":"));
    EXPECT_THAT(error_of([&] { config::load_yaml(files / "no.yaml"); }).what, HasSubstr("no.yaml"));
}

TEST(YamlBounds, RefuseALargeDocument) {
    EXPECT_EQ(parse_error(std::string((1024 * 1024) + 1, ' ')).what, "f.yaml: larger than 1.0 MiB");
}

TEST(YamlBounds, RefuseDeepNesting) {
    EXPECT_THAT(parse_error(std::string(100, '[') + std::string(100, ']')).what,
                HasSubstr("nested too deeply"));
    EXPECT_EQ(parse_error(std::string(100'000, '[')).code, util::ExitCode::usage);
    EXPECT_EQ(parse_error(std::string(100'000, '{')).code, util::ExitCode::usage);
    std::string blocks;
    for (int i = 0; i < 50'000; ++i) {
        blocks += "- ";
    }
    EXPECT_EQ(parse_error(blocks).code, util::ExitCode::usage);
}

TEST(YamlBounds, RefuseAliasesThatStandForTooMuch) {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int j = 0; j < 9; ++j) {
            bomb += ", " + before;
        }
        bomb += "]\n";
    }
    EXPECT_THAT(parse_error(bomb).what, HasSubstr("stands for too many values"));
}

TEST(YamlBounds, RefuseAnAliasToItself) {
    EXPECT_THAT(parse_error("&a [*a]").what, StartsWith("f.yaml:"));
}

} // namespace
} // namespace kiln::tests
