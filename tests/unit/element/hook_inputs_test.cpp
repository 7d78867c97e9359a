#include "element/hook_inputs.hpp"
#include "element/unkeyed_variables.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::HookInputs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class HookInputsTest : public ::testing::Test {
protected:
    void hook(const std::string& text, const std::string& path = k_hook) const {
        files.write(path, "#!/bin/bash\n" + text, 0755);
    }

    [[nodiscard]] HookInputs inputs(const std::string& path = k_hook) const {
        return element::inputs_of(element::HooksSnapshot(files.path()), path, names);
    }

    /// The files but the hook.
    [[nodiscard]] std::set<std::string> seen() const {
        std::set<std::string> found = inputs().files;
        EXPECT_EQ(found.erase(k_hook), 1U);
        return found;
    }

    static constexpr const char* k_hook = "install.d/50-web";
    TestFiles files{};
    std::set<std::string> names{"ARCH", "PATH", "DIB_A", "DIB_B", "http_proxy", "IMAGE_NAME"};
};

TEST_F(HookInputsTest, AreItsTextAndWhatProgramsReadAtLeast) {
    hook("echo\n");
    files.write("install.d/60-other", "#!/bin/sh\n", 0755);
    files.write("bin/tool", "#!/bin/sh\n", 0755);
    EXPECT_THAT(inputs().files, ElementsAre(k_hook));
    EXPECT_THAT(inputs().variables, ElementsAre("ARCH", "PATH"));
    EXPECT_THAT(inputs().reasons, IsEmpty());
}

TEST_F(HookInputsTest, AreTheVariablesThatItNames) {
    hook("echo \"$DIB_A\" ${IMAGE_NAME:-} $http_proxy\n");
    EXPECT_THAT(inputs().variables, ElementsAre("ARCH", "DIB_A", "IMAGE_NAME", "PATH"));
}

TEST_F(HookInputsTest, AreTheScriptsThatItCallsAndWhatTheyCall) {
    hook("tool x\n");
    files.write("bin/tool", "#!/bin/sh\nother\n", 0755);
    files.write("bin/other", "#!/bin/sh\necho $DIB_A\n", 0755);
    files.write("bin/third", "#!/bin/sh\necho $DIB_B\n", 0755);
    EXPECT_THAT(seen(), ElementsAre("bin/other", "bin/tool"));
    EXPECT_THAT(inputs().variables, Contains("DIB_A"));
    EXPECT_THAT(inputs().variables, Not(Contains("DIB_B")));
}

TEST_F(HookInputsTest, ScriptsThatItOnlyCopiesAreNotRead) {
    hook("chmod 0755 /usr/local/bin/tool\nfor file in /tmp/in_target.d/bin/*; do cp $file /; "
         "done\n");
    files.write("bin/tool", "#!/usr/bin/python3\n", 0755);
    EXPECT_THAT(seen(), ElementsAre("bin", "bin/tool"));
    EXPECT_FALSE(inputs().sees_all_variables);
}

TEST_F(HookInputsTest, ScriptsOfAFolderAreReadWhereItRunsWhatItFinds) {
    hook("for file in /tmp/in_target.d/parts/*; do $file; done\n");
    files.write("parts/one", "#!/bin/sh\necho $DIB_A\n", 0755);
    EXPECT_THAT(inputs().variables, Contains("DIB_A"));
}

TEST_F(HookInputsTest, TextsOfAFolderAreReadWhereItSourcesWhatItFinds) {
    files.write("parts/one", "echo $DIB_A\n");
    hook("for file in /tmp/in_target.d/parts/*; do grep x $file; done\n");
    EXPECT_THAT(inputs().variables, Not(Contains("DIB_A")));
    hook("for file in /tmp/in_target.d/parts/*; do bash $file; done\n");
    EXPECT_THAT(inputs().variables, Contains("DIB_A"));
}

TEST_F(HookInputsTest, ProgramsThatStaticBroughtAreReadWhereItRunsTheirFolder) {
    files.write("static/usr/lib/web.d/one", "#!/bin/sh\necho $DIB_A\n", 0755);
    hook("ls /usr/lib/web.d/\n");
    EXPECT_THAT(inputs().variables, Not(Contains("DIB_A")));
    hook("run-parts /usr/lib/web.d/\n");
    EXPECT_THAT(inputs().variables, Contains("DIB_A"));
}

TEST_F(HookInputsTest, VariablesNamedInTextsForAProgramCount) {
    files.write("conf/one.conf", "key=@DIB_A@\n");
    hook("render /tmp/in_target.d/conf\n");
    EXPECT_THAT(inputs().variables, Contains("DIB_A"));
    EXPECT_FALSE(inputs().sees_all_variables);
}

TEST_F(HookInputsTest, ASourcedFileIsRead) {
    hook("source /tmp/in_target.d/lib/one.bash\n");
    files.write("lib/one.bash", "echo $DIB_A\n");
    files.write("lib/two.bash", "echo $DIB_B\n");
    EXPECT_THAT(seen(), ElementsAre("lib/one.bash"));
    EXPECT_THAT(inputs().variables, Contains("DIB_A"));
}

TEST_F(HookInputsTest, APathIsAllThatIsBelow) {
    hook("cp -r /tmp/in_target.d/data /x\n");
    files.write("data/a/b", "");
    files.write("database", "");
    EXPECT_THAT(seen(), ElementsAre("data", "data/a", "data/a/b"));
}

TEST_F(HookInputsTest, LinksLeadToTheirTargets) {
    files.write("web-package-install/50-web", "#!/bin/sh\necho $DIB_A\n", 0755);
    files.link("web-package-install/50-web", "install.d/50-web");
    std::filesystem::remove(files.path() / k_hook);
    files.link("../web-package-install/50-web", k_hook);
    EXPECT_THAT(seen(), ElementsAre("web-package-install/50-web"));
    EXPECT_THAT(inputs().variables, Contains("DIB_A"));
}

TEST_F(HookInputsTest, ALinkToItselfEnds) {
    files.link("loop", "bin/loop");
    hook("loop\n/tmp/in_target.d/bin/loop\n");
    EXPECT_THAT(seen(), ElementsAre("bin/loop"));
}

TEST_F(HookInputsTest, AreTheFilesOfEnvironmentThatSetWhatItNames) {
    hook("echo $DIB_A\n");
    files.write("environment.d/10-a", "export DIB_A=$DIB_C\n");
    files.write("environment.d/10-b", "export DIB_B=1\n");
    files.write("environment.d/10-c", "export DIB_C=$DIB_D\n");
    names = {"DIB_A", "DIB_B", "DIB_C", "DIB_D"};
    EXPECT_THAT(seen(), ElementsAre("environment.d/10-a", "environment.d/10-c"));
    EXPECT_THAT(inputs().variables, ElementsAre("DIB_A", "DIB_C", "DIB_D"));
}

TEST_F(HookInputsTest, AFileOfEnvironmentForProgramsCountsAlways) {
    hook("true\n");
    files.write("environment.d/10-a", "export PATH=$DIB_A:$PATH\n");
    EXPECT_THAT(seen(), ElementsAre("environment.d/10-a"));
    EXPECT_THAT(inputs().variables, Contains("DIB_A"));
}

TEST_F(HookInputsTest, OfAnotherLanguageAreEverything) {
    files.write(k_hook, "#!/usr/bin/python3\n", 0755);
    files.write("static/x", "");
    EXPECT_THAT(seen(), ElementsAre("install.d", "static", "static/x"));
    EXPECT_THAT(inputs().variables, ElementsAre("ARCH", "DIB_A", "DIB_B", "IMAGE_NAME", "PATH"));
    EXPECT_THAT(inputs().reasons, ElementsAre("install.d/50-web is no shell script"));
    hook("tool\n");
    files.write("bin/tool", std::string("\177ELF\0", 5), 0755);
    EXPECT_TRUE(inputs().sees_all_files);
    EXPECT_TRUE(inputs().sees_all_variables);
}

TEST_F(HookInputsTest, AProgramNameThatIsPutTogetherCountsForAllThatItCanBe) {
    hook("tool-$DIB_A\n");
    files.write("bin/tool-one", "#!/bin/sh\n", 0755);
    files.write("bin/other", "#!/bin/sh\n", 0755);
    EXPECT_THAT(seen(), ElementsAre("bin/tool-one"));
}

TEST_F(HookInputsTest, ElementsAreReadByHostHooksOnly) {
    hook("echo $KILN_ELEMENTS_PATH\n");
    EXPECT_FALSE(inputs().reads_elements);
    hook("echo $KILN_ELEMENTS_PATH; source $_LIB/common-functions\n", "root.d/10-x");
    EXPECT_TRUE(inputs("root.d/10-x").reads_elements);
    EXPECT_TRUE(inputs("root.d/10-x").reads_library);
}

TEST_F(HookInputsTest, AnExportedFunctionIsNamedByItsOwnName) {
    names = {"BASH_FUNC_get_image_element_array%%"};
    hook("true\n");
    EXPECT_THAT(inputs().variables, IsEmpty());
    hook("get_image_element_array\n");
    EXPECT_EQ(inputs().variables, names);
}

TEST_F(HookInputsTest, GrubReadsTheDiskInFinalise) {
    names = {"KILN_ROOT_UUID", "DIB_A"};
    hook("update-grub\n");
    hook("update-grub\n", "finalise.d/50-grub");
    EXPECT_THAT(inputs().variables, IsEmpty());
    EXPECT_THAT(inputs("finalise.d/50-grub").variables, ElementsAre("KILN_ROOT_UUID"));
}

TEST_F(HookInputsTest, AHookThatIsNotThereHasNoFiles) {
    EXPECT_THAT(inputs("install.d/none").files, IsEmpty());
}

TEST(UnkeyedVariables, EachIsListedOnceWithAReason) {
    std::set<std::string_view> names;
    for (const element::UnkeyedVariable& variable : element::unkeyed_variables()) {
        EXPECT_TRUE(names.insert(variable.name).second) << variable.name;
        EXPECT_FALSE(variable.reason.empty());
    }
    EXPECT_TRUE(element::is_unkeyed("https_proxy"));
    EXPECT_FALSE(element::is_unkeyed("DIB_RELEASE"));
}

} // namespace
} // namespace kiln::tests
