#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace kiln::tests {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* k_peer_elements = "/usr/lib/python3/dist-packages/diskimage_builder/elements";

class ElementCommand : public testing::Test {
protected:
    /// What "kiln element ARGUMENT..." prints; it must succeed.
    [[nodiscard]] std::string says(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "element");
        const Finished result = space.kiln(arguments);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        return result.out;
    }

    Workspace space{};
};

TEST_F(ElementCommand, ListsNamesPlacesAndPurposes) {
    const std::string out = says({"list"});
    EXPECT_THAT(out, ContainsRegex("\nvm +\\[kiln\\] [A-Z].*"));
    EXPECT_THAT(out, ContainsRegex("fake-os +\\[.*tests/elements\\]"));
}

TEST_F(ElementCommand, ListTellsWhatAnElementTakesThePlaceOf) {
    space.write("elements/base/README.md", "# base\n\nMine.\n");
    const std::string out = says({"list"});
    EXPECT_THAT(out, ContainsRegex("base +\\[[^]]*/elements\\] Mine."));
    EXPECT_THAT(out, ContainsRegex("overrides /.*/elements/base"));
    for (const json& row : json::parse(says({"list", "--json"}))) {
        if (row.at("name") == "base") {
            EXPECT_EQ(row.at("own"), false);
            EXPECT_EQ(row.at("overrides").size(), 1U);
        }
    }
}

TEST_F(ElementCommand, ShowsHooksInOrderAndVariables) {
    space.write("elements/mine/README.md",
                "# mine\n\nDoes it.\n\n| variable | default | meaning |\n| --- | --- | --- |\n"
                "| `DIB_MINE` | `1` | how |\n");
    space.write("elements/mine/element-deps", "base\n");
    space.hook("mine", "install.d/100-b", "true");
    space.hook("mine", "install.d/20-a", "true");
    space.hook("mine", "install.d/20-a.sh", "true");
    const std::string out = says({"show", "mine"});
    EXPECT_THAT(out, HasSubstr("mine: Does it."));
    EXPECT_THAT(out, HasSubstr("needs: base"));
    EXPECT_THAT(out, HasSubstr("install.d\n  20-a\n  100-b\n  (20-a.sh does not run"));
    EXPECT_THAT(out, HasSubstr("DIB_MINE [`1`]: how"));
    EXPECT_EQ(json::parse(says({"show", "--json", "mine"})).at("hooks").at("install.d"),
              json({"20-a", "100-b"}));
}

TEST_F(ElementCommand, AnUnknownElementIsAnErrorWithTheNearest) {
    const Finished result = space.kiln({"element", "show", "fake-so"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("'fake-os'"));
}

TEST_F(ElementCommand, DrawsWhatElementsExpandTo) {
    const std::string dot = says({"graph", "vm"});
    EXPECT_THAT(dot, HasSubstr("digraph elements {"));
    EXPECT_THAT(dot, HasSubstr("\"vm\" -> \"bootloader\";"));
    EXPECT_THAT(dot, HasSubstr("\"vm\" -> \"block-device-gpt\" [style=dashed"));
}

TEST_F(ElementCommand, DrawsPicturesWhereGraphvizIs) {
    const Finished result =
        space.kiln({"element", "graph", "--format", "svg", "-o", space / "out/g.svg", "vm"});
    if (result.exit_code == 4) {
        EXPECT_THAT(result.err, HasSubstr("graphviz"));
        GTEST_SKIP() << "graphviz is not installed";
    }
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(space.read("out/g.svg"), HasSubstr("<svg"));
    EXPECT_THAT(space.read("out/g.svg"), HasSubstr("bootloader"));
}

TEST_F(ElementCommand, LintOfAGoodElementSaysNothing) {
    space.write("elements/good/README.md", "# good\n\nGood.\n");
    space.hook("good", "install.d/50-x", "echo \"$ARCH\"");
    const Finished result = space.kiln({"element", "lint", "good"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, "");
}

TEST_F(ElementCommand, LintFindsFaultsWithTheirPlace) {
    space.write("elements/bad/install.d/50-x", "#!/bin/bash\necho $DIB_NOWHERE\n", 0755);
    space.write("elements/bad/block-device-default.yaml", "- local_loop:\n    naem: x\n");
    const Finished result = space.kiln({"element", "lint", space / "elements/bad"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.out, ContainsRegex("bad/install.d/50-x:1: error: .*\\[no-set-e\\]"));
    EXPECT_THAT(result.out,
                ContainsRegex("bad/install.d/50-x:2: warning: .*DIB_NOWHERE.*\\[never-set\\]"));
    EXPECT_THAT(result.out,
                ContainsRegex("block-device-default.yaml:2: error: .*\\[unknown-key\\]"));
    EXPECT_THAT(result.out, HasSubstr("[readme-missing]"));
}

TEST_F(ElementCommand, LintOfKilnsOwnElementsFindsNoErrorAndNoWarning) {
    space.environment.erase("ELEMENTS_PATH");
    const Finished result = space.kiln({"element", "lint", "--json", "--no-shellcheck"});
    EXPECT_EQ(result.exit_code, 0) << result.out;
    for (const json& finding : json::parse(result.out)) {
        EXPECT_EQ(finding.at("severity"), "note") << finding;
    }
}

TEST_F(ElementCommand, LintOfThePeersElementsTalksNoNonsense) {
    if (!std::filesystem::is_directory(k_peer_elements)) {
        GTEST_SKIP() << "python3-diskimage-builder is not installed";
    }
    space.environment["ELEMENTS_PATH"] = k_peer_elements;
    const Finished result = space.kiln({"element", "lint", "--json", "--no-shellcheck"});
    std::set<std::string> rules;
    for (const json& finding : json::parse(result.out)) {
        if (finding.at("severity") == "error") {
            rules.insert(finding.at("rule"));
        }
    }
    // Its own lint sees to first lines, set -e and README; dependencies and layouts of elements
    // that it does not ship or that kiln does not build may be found.
    for (const char* rule : {"shebang-missing",
                             "shebang-unknown",
                             "no-set-e",
                             "bad-file",
                             "unknown-phase",
                             "unknown-key",
                             "duplicate-hook"}) {
        EXPECT_THAT(rules, Not(Contains(rule)));
    }
}

TEST_F(ElementCommand, WithoutASubcommandTellsThem) {
    const Finished result = space.kiln({"element"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("subcommand"));
}

} // namespace
} // namespace kiln::tests
