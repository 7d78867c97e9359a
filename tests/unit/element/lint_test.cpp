#include "element/lint.hpp"
#include "element_fixture.hpp"
#include "support/fake_runner.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::Finding;
using element::Severity;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* k_good = "#!/bin/bash\nset -eu\n";

class Lint : public ElementTest {
protected:
    void SetUp() override { files.write("elements/x/README.md", "# x\n\nA test.\n"); }

    void hook(const std::string& name, const std::string& text, unsigned mode = 0755) const {
        files.write("elements/x/" + name, text, mode);
    }

    [[nodiscard]] std::vector<Finding> lint() const {
        return element::lint_element(at("x"), catalog());
    }

    /// The only finding there must be.
    [[nodiscard]] Finding only() const {
        const std::vector<Finding> found = lint();
        EXPECT_THAT(found, SizeIs(1));
        return found.empty() ? Finding{} : found.front();
    }

    [[nodiscard]] std::string file(const std::string& name) const {
        return files / ("elements/x/" + name);
    }
};

TEST_F(Lint, AGoodElementIsClean) {
    hook("install.d/50-x", k_good);
    hook("environment.d/10-x.bash", "export FOO=1\n", 0644);
    EXPECT_THAT(lint(), IsEmpty());
}

TEST_F(Lint, FindsAMissingReadme) {
    element("bare");
    const auto found = element::lint_element(at("bare"), catalog());
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].rule, "readme-missing");
    EXPECT_EQ(found[0].severity, Severity::warning);
}

TEST_F(Lint, TakesAReadmeOfTheOtherForm) {
    files.write("elements/old/README.rst", "old\n===\n");
    EXPECT_THAT(element::lint_element(at("old"), catalog()), IsEmpty());
}

TEST_F(Lint, FindsBadFirstLines) {
    hook("install.d/10-none", "set -e\n");
    hook("install.d/20-windows", "#!/bin/bash\r\nset -e\r\n");
    hook("install.d/30-unknown", "#!/bin/bsah\nset -e\n");
    hook("install.d/40-relative", "#!bash\nset -e\n");
    std::vector<std::string> rules;
    for (const Finding& finding : lint()) {
        rules.push_back(finding.rule);
        EXPECT_EQ(finding.line, 1U);
        EXPECT_EQ(finding.severity, Severity::error);
    }
    EXPECT_THAT(
        rules,
        ElementsAre("shebang-missing", "shebang-crlf", "shebang-unknown", "shebang-unknown"));
}

TEST_F(Lint, FindsAHookThatGoesOnAfterErrors) {
    hook("install.d/50-x", "#!/bin/bash\ntrue\n");
    EXPECT_EQ(only().rule, "no-set-e");
}

TEST_F(Lint, LetsAHookDisableThat) {
    hook("install.d/50-x", "#!/bin/bash\n# dib-lint: disable=sete\ntrue\n");
    hook("install.d/60-x", "#!/usr/bin/python3\nprint()\n");
    EXPECT_THAT(lint(), IsEmpty());
}

TEST_F(Lint, FindsBadDeclarationsOfInputs) {
    hook("root.d/50-x", "#!/bin/bash\n# kiln-inputs: etc/apt\nset -eu\n");
    EXPECT_EQ(only().rule, "kiln-inputs");
    EXPECT_EQ(only().line, 2U);
    EXPECT_EQ(only().severity, Severity::warning);
    hook("root.d/50-x", "#!/bin/bash\n# kiln-inputs: /etc/apt\nset -eu\n");
    EXPECT_THAT(lint(), IsEmpty());
    hook("install.d/50-x", "#!/bin/bash\n# kiln-inputs: none\nset -eu\n");
    EXPECT_THAT(only().message, HasSubstr("runs in the tree"));
}

TEST_F(Lint, FindsHooksThatDoNotRun) {
    hook("install.d/50-x.sh", k_good);
    EXPECT_EQ(only().rule, "hook-name");
    EXPECT_THAT(only().message, HasSubstr("take the dot out"));
    std::filesystem::remove(file("install.d/50-x.sh"));
    hook("install.d/50-x", k_good, 0644);
    EXPECT_EQ(only().rule, "not-executable");
    EXPECT_THAT(only().message, HasSubstr("chmod +x " + file("install.d/50-x")));
}

TEST_F(Lint, DataAmongHooksIsANote) {
    hook("install.d/some.sh", "#!/bin/sh\n", 0644);
    EXPECT_EQ(only().rule, "hook-data");
    std::filesystem::remove(file("install.d/some.sh"));
    hook("install.d/some.conf", "a = b\n", 0644);
    EXPECT_EQ(only().rule, "hook-data");
    EXPECT_EQ(only().severity, Severity::note);
}

TEST_F(Lint, FindsAFolderThatIsNoPhase) {
    hook("instal.d/50-x", k_good);
    EXPECT_EQ(only().rule, "unknown-phase");
    EXPECT_THAT(only().message, HasSubstr("'install.d'"));
}

TEST_F(Lint, FindsUnknownDependenciesByLine) {
    element("other");
    files.write("elements/x/element-deps", "other\nohter\n");
    EXPECT_EQ(only().rule, "unknown-dependency");
    EXPECT_EQ(only().line, 2U);
    EXPECT_THAT(only().message, HasSubstr("'other'"));
}

TEST_F(Lint, FindsUnknownKeysByLine) {
    files.write("elements/x/package-installs.yaml", "vim:\n  phsae: install.d\n");
    EXPECT_EQ(only().rule, "unknown-key");
    EXPECT_EQ(only().file, file("package-installs.yaml"));
    EXPECT_EQ(only().line, 2U);
}

TEST_F(Lint, FindsFilesThatNoParserTakes) {
    files.write("elements/x/pkg-map", "{");
    EXPECT_EQ(only().rule, "bad-file");
}

TEST_F(Lint, FindsAHookThatADependencyHasToo) {
    element("other");
    files.write("elements/x/element-deps", "other\n");
    files.write("elements/other/install.d/50-x", k_good, 0755);
    hook("install.d/50-x", k_good);
    EXPECT_EQ(only().rule, "duplicate-hook");
}

TEST_F(Lint, FindsVariablesThatNothingSets) {
    hook("install.d/50-x", std::string(k_good) + "echo $DIB_FOO\n");
    EXPECT_EQ(only().rule, "never-set");
    EXPECT_EQ(only().severity, Severity::warning);
    EXPECT_EQ(only().line, 3U);
    EXPECT_THAT(only().message, HasSubstr("'DIB_FOO'"));
}

TEST_F(Lint, VariablesMayBeSetInManyPlaces) {
    element("needed");
    files.write("elements/needed/environment.d/10-x", "export BY_NEEDED=1\n");
    files.write("elements/x/element-deps", "needed\n");
    files.write("elements/x/README.md", "# x\n\nSet DIB_BY_USER.\n");
    hook("environment.d/10-y", "export BY_ELEMENT=1\n", 0644);
    hook("install.d/50-x",
         std::string(k_good) + "HERE=1\necho $BY_NEEDED $DIB_BY_USER $BY_ELEMENT $HERE\n"
                               "echo $ARCH $TMP_HOOKS_PATH ${DEFAULT:-} $DEFAULT $HOME\n");
    EXPECT_THAT(lint(), IsEmpty());
}

TEST_F(Lint, AVariableOfAnElementThatIsNotNeededIsANote) {
    element("setter");
    files.write("elements/setter/environment.d/10-x", "export YUM=dnf\n");
    hook("install.d/50-x", std::string(k_good) + "$YUM update\n");
    EXPECT_EQ(only().severity, Severity::note);
    EXPECT_THAT(only().message, HasSubstr("'setter'"));
}

TEST_F(Lint, AScriptThatSourcesUnknownFilesIsNotJudged) {
    hook("install.d/50-x", std::string(k_good) + ". /etc/os-release\necho $VERSION_ID\n");
    EXPECT_THAT(lint(), IsEmpty());
}

class LintShell : public Lint {
protected:
    FakeRunner runner{};
};

TEST_F(LintShell, MapsWhatShellcheckSays) {
    hook("install.d/50-x", k_good);
    const std::string path = file("install.d/50-x");
    runner.answer = [&](const process::Command&) {
        return process::Result{.exit_code = 1,
                               .out = path + ":3:6: note: Double quote it. [SC2086]\n" + path +
                                      ":4:1: error: Bad. [SC1000]\n"};
    };
    const auto found = element::lint_shell({at("x")}, runner);
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].rule, "SC2086");
    EXPECT_EQ(found[0].line, 3U);
    EXPECT_EQ(found[0].severity, Severity::note);
    EXPECT_EQ(found[1].severity, Severity::error);
    ASSERT_THAT(runner.commands, SizeIs(1));
    EXPECT_THAT(runner.commands[0].argv, Contains(path));
    EXPECT_THAT(runner.commands[0].argv, Contains("--shell=bash"));
}

TEST_F(LintShell, OneThatCannotWorkIsAnError) {
    hook("install.d/50-x", k_good);
    runner.answer = [](const process::Command&) { return process::Result{.exit_code = 2}; };
    EXPECT_EQ(error_of([&] { element::lint_shell({at("x")}, runner); }).code, util::ExitCode::tool);
}

TEST_F(LintShell, WhatItMisreadsOfAnIdiomOfElementsIsLeftOut) {
    hook("extra-data.d/50-x",
         std::string(k_good) + "eval declare -A e=($(get_image_element_array))\n");
    runner.answer = [&](const process::Command&) {
        return process::Result{.exit_code = 1,
                               .out = file("extra-data.d/50-x") +
                                      ":3:20: error: '(' is invalid here. [SC1036]\n"};
    };
    EXPECT_THAT(element::lint_shell({at("x")}, runner), IsEmpty());
}

TEST_F(LintShell, WithoutShellScriptsNothingIsRun) {
    hook("install.d/50-x", "#!/usr/bin/python3\n");
    EXPECT_THAT(element::lint_shell({at("x")}, runner), IsEmpty());
    EXPECT_THAT(runner.commands, IsEmpty());
}

} // namespace
} // namespace kiln::tests
