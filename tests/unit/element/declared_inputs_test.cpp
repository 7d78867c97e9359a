#include "element/declared_inputs.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::DeclaredInputs;
using element::InputPlaces;
using element::parse_declared_inputs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::optional<DeclaredInputs> parse(const std::string& lines) {
    return parse_declared_inputs("#!/bin/bash\n" + lines, "hook");
}

TEST(DeclaredInputs, StandInCommentsAtTheTop) {
    EXPECT_EQ(parse("# What it does.\nset -e\n"), std::nullopt);
    EXPECT_EQ(parse("set -e\n# kiln-inputs: none\n"), std::nullopt);
    EXPECT_THAT(parse("# What it does.\n\n# kiln-inputs: none\nset -e\n")->words, IsEmpty());
    EXPECT_THAT(parse("# kiln-inputs: /etc/apt $DIB_FILE $DIR/x ~/.ssh/id.pub\n"
                      "#kiln-inputs: /srv\n")
                    ->words,
                ElementsAre("/etc/apt", "$DIB_FILE", "$DIR/x", "~/.ssh/id.pub", "/srv"));
}

TEST(DeclaredInputs, ABadLineIsAnErrorWithItsPlace) {
    for (const char* words : {"",
                              "etc/apt",
                              "none /etc",
                              "/etc/*",
                              "/etc/../x",
                              "$",
                              "$1",
                              "${X}",
                              "$X.y",
                              "/a/$X",
                              "'/a'",
                              "~user/x",
                              "~"}) {
        const util::ErrorInfo error =
            error_of([&] { parse("\n# kiln-inputs: " + std::string(words) + "\n"); });
        EXPECT_THAT(error.what, HasSubstr("hook:3: ")) << words;
        EXPECT_EQ(error.code, util::ExitCode::usage);
        EXPECT_FALSE(error.hint.empty());
    }
}

class InputPaths : public ::testing::Test {
protected:
    [[nodiscard]] std::optional<std::vector<std::string>>
    paths(const std::vector<std::string>& words) const {
        return element::input_paths({.words = words}, places);
    }

    process::Environment environment{{"FILE", "/x/y"}, {"EMPTY", ""}, {"RELATIVE", "x"}};
    InputPlaces places{.environment = environment, .home = "/home/me", .unknown = {"LATER"}};
};

TEST_F(InputPaths, TakeTheValuesOfVariablesAndTheHome) {
    EXPECT_THAT(*paths({"/b", "$FILE", "$FILE/z", "~/k", "/b", "$EMPTY", "$UNSET/x"}),
                ElementsAre("/b", "/home/me/k", "/x/y", "/x/y/z"));
    EXPECT_THAT(*paths({}), IsEmpty());
}

TEST_F(InputPaths, AreNotKnownWhereAValueIsNot) {
    EXPECT_EQ(paths({"/b", "$LATER"}), std::nullopt);
    EXPECT_EQ(paths({"$RELATIVE"}), std::nullopt);
    places.home.clear();
    EXPECT_EQ(paths({"~/k"}), std::nullopt);
}

} // namespace
} // namespace kiln::tests
