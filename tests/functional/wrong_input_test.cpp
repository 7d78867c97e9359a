#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace kiln::tests {
namespace {

using testing::ContainsRegex;

/// A command that must be refused before anything is built.
struct Refusal {
    std::string name;
    std::vector<std::string> arguments;
    int exit_code;
    /// Regular expressions (POSIX extended) for its standard error.
    std::string error;
    std::string hint;
    std::function<void(Workspace&)> prepare = [](Workspace&) {};
};

void use_layout(Workspace& space, const std::string& text) {
    space.write("layout.yaml", text);
    space.environment["DIB_BLOCK_DEVICE_CONFIG"] = "file://" + space / "layout.yaml";
}

std::vector<Refusal> refusals_of_the_command_line() {
    return {
        {"NoElement", {"build", "-n"}, 2, "error: .*at least one.* element", "hint: .+"},
        {"UnknownCommand", {"biuld"}, 2, "unknown command 'biuld'", "hint: .*'?build"},
        {"UnknownOption",
         {"build", "--image-siez", "2", "fake-os"},
         2,
         "--image-siez",
         "hint: .*--image-size"},
        {"OptionWithoutValue", {"build", "fake-os", "-o"}, 2, "error: .*-o", "hint: .+"},
        {"NoCommand", {}, 2, "Usage: kiln", "Subcommands"},
        {"UnknownFormat",
         {"build", "-n", "-t", "qcow", "fake-os"},
         2,
         "unknown image format 'qcow'",
         "hint: .*qcow2"},
        {"NoFormat", {"build", "-n", "-t", ",", "fake-os"}, 2, "no image format", "qcow2"},
        {"UnknownCompression",
         {"build", "-n", "--compression", "zsdt", "fake-os"},
         2,
         "unknown compression 'zsdt'",
         "hint: .*zstd"},
        {"SizeIsNoNumber",
         {"build", "-n", "--image-size", "2G", "fake-os"},
         2,
         "--image-size: '2G' is no number",
         "hint: write it as 2"},
        {"SizeIsNegative", {"build", "--image-size=-1", "fake-os"}, 2, "'-1' is no number", "hint"},
        {"SizeIsNotFinite", {"build", "--image-size", "nan", "fake-os"}, 2, "'nan'", "hint"},
        {"EnvironmentVariableNotSet",
         {"build", "-n", "--env", "NO_SUCH", "fake-os"},
         2,
         "NO_SUCH: that variable is not set",
         "hint: set it"},
        {"EnvironmentVariableWithoutName",
         {"build", "-n", "--env", "1x=2", "fake-os"},
         2,
         "'1x' is no name of a variable",
         "hint"},
        {"HarmfulQemuOption",
         {"build", "-n", "--qemu-img-options", "extended_l2=on", "fake-os"},
         2,
         "OpenStack refuses .*extended_l2",
         "hint"},
    };
}

std::vector<Refusal> refusals_of_elements() {
    return {
        {"UnknownElement",
         {"build", "-n", "fake-so"},
         3,
         "element 'fake-so'.* not found|unknown element 'fake-so'",
         "hint: .*fake-os"},
        {"TwoOperatingSystems",
         {"build", "-n", "fake-os", "other-os"},
         3,
         "operating-system.*(fake-os|other-os)",
         "hint: .+",
         [](Workspace& space) {
             space.write("elements/other-os/element-provides", "operating-system\n");
         }},
        {"NoOperatingSystem", {"build", "-n", "odd-files"}, 3, "operating.system", "hint: .+"},
        {"MissingDependency",
         {"build", "-n", "fake-os", "needy"},
         3,
         "odd-flies",
         "odd-files",
         [](Workspace& space) { space.write("elements/needy/element-deps", "odd-flies\n"); }},
        {"DuplicateHook",
         {"build", "-n", "fake-os", "one", "two"},
         3,
         "duplicate hook 'install.d/50-x' in elements 'one' and 'two'",
         "hint: rename",
         [](Workspace& space) {
             space.hook("one", "install.d/50-x", "true");
             space.hook("two", "install.d/50-x", "true");
         }},
        {"ElementsPathNoDirectory",
         {"build", "-n", "fake-os"},
         2,
         "ELEMENTS_PATH entry '/not/a/dir' is not a directory",
         "hint: .*ELEMENTS_PATH",
         [](Workspace& space) { space.environment["ELEMENTS_PATH"] += ":/not/a/dir"; }},
        {"BadHookPattern",
         {"build", "-n", "fake-os"},
         2,
         "RUN_PARTS_REGEX '\\[' is no regular expression",
         "hint",
         [](Workspace& space) { space.environment["RUN_PARTS_REGEX"] = "["; }},
    };
}

std::vector<Refusal> refusals_of_layouts() {
    return {
        {"LayoutIsNoYaml",
         {"build", "-n", "fake-os"},
         2,
         "layout.yaml:[0-9]+:[0-9]+: ",
         "",
         [](Workspace& space) { use_layout(space, "- local_loop:\n  name: [image0\n"); }},
        {"LayoutHasUnknownKey",
         {"build", "-n", "fake-os"},
         2,
         "layout.yaml:3:5: .*'naem'",
         "hint: .*name",
         [](Workspace& space) {
             use_layout(space, "- local_loop:\n    name: image0\n    naem: x\n");
         }},
        {"LayoutIsNotThere",
         {"build", "-n", "fake-os"},
         2,
         "'/no/such.yaml'",
         "hint: .*DIB_BLOCK_DEVICE_CONFIG",
         [](Workspace& space) {
             space.environment["DIB_BLOCK_DEVICE_CONFIG"] = "file:///no/such.yaml";
         }},
        {"LayoutOfAnElement",
         {"build", "-n", "fake-os", "disk"},
         2,
         "elements/disk/block-device-default.yaml:1:",
         "",
         [](Workspace& space) {
             space.write("elements/disk/block-device-default.yaml", "- nonsense: {}\n");
         }},
        {"PackagesAreNoYaml",
         {"build", "-n", "fake-os", "packages"},
         2,
         "packages/package-installs.yaml:[0-9]+:[0-9]+: ",
         "",
         [](Workspace& space) {
             space.write("elements/packages/package-installs.yaml", "vim:\n  - [\n");
         }},
    };
}

std::vector<Refusal> all_refusals() {
    std::vector<Refusal> all = refusals_of_the_command_line();
    for (const auto& part : {refusals_of_elements(), refusals_of_layouts()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

class WrongInput : public testing::TestWithParam<Refusal> {};

TEST_P(WrongInput, IsRefusedWithItsReasonAndAHint) {
    const Refusal& refusal = GetParam();
    Workspace space;
    refusal.prepare(space);
    const Finished result = space.kiln(refusal.arguments);
    EXPECT_EQ(result.exit_code, refusal.exit_code);
    EXPECT_THAT(result.err, ContainsRegex(refusal.error));
    if (!refusal.hint.empty()) {
        EXPECT_THAT(result.err, ContainsRegex(refusal.hint));
    }
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(space.list("out").empty());
    EXPECT_TRUE(space.list("cache/kiln/builds").empty());
}

std::string refusal_name(const testing::TestParamInfo<Refusal>& info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Of, WrongInput, testing::ValuesIn(all_refusals()), refusal_name);

} // namespace
} // namespace kiln::tests
