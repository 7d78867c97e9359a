#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace kiln::tests {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

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
        {"UnknownElementCommand", {"element", "lst"}, 2, "unknown command 'element lst'", "'list'"},
        {"NoElementCommand", {"element"}, 2, "'kiln element' needs a subcommand", "hint: .*--help"},
        {"UnknownOptionOfAnElementCommand", {"element", "list", "--jsno"}, 2, "--jsno", "hint"},
        {"NoImageToTest",
         {"test", "--boot", "nowhere.raw"},
         2,
         "no image file 'nowhere.raw'",
         "hint"},
        {"FolderToTest", {"test", "--boot", "/"}, 2, "no image file '/'", "hint: name a qcow2"},
        {"NoTimeForATest",
         {"test", "--boot", "--timeout", "0", KILN_BINARY},
         2,
         "--timeout: '0'",
         "hint: .*300"},
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
        {"UnknownTypeOfTheRoot",
         {"build", "-n", "fake-os", "block-device-gpt"},
         2,
         "FS_TYPE='zfs'",
         "hint: supported are: ext4",
         [](Workspace& space) { space.environment["FS_TYPE"] = "zfs"; }},
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

/// A variable whose value an element of kiln's refuses.
struct WrongValue {
    std::string variable;
    std::string value;
    std::vector<std::string> elements;
};

class WrongValueOf : public testing::TestWithParam<WrongValue> {};

TEST_P(WrongValueOf, StopsTheBuildBeforeTheRootIsMade) {
    const WrongValue& wrong = GetParam();
    Workspace space;
    space.environment[wrong.variable] = wrong.value;
    space.hook("marker", "root.d/02-marker", "echo root-began");
    std::vector<std::string> arguments = wrong.elements;
    arguments.insert(arguments.end(), {"-v", "marker"});
    const Finished result = space.build(arguments);
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err,
                ContainsRegex("error: " + wrong.variable + "(='.*' must be|='.*' is no |: '.*')"));
    EXPECT_THAT(result.err, HasSubstr("'" + wrong.value + "'"));
    EXPECT_THAT(result.err, Not(HasSubstr("root-began")));
    EXPECT_TRUE(space.list("out").empty());
}

std::string variable_name(const testing::TestParamInfo<WrongValue>& info) {
    return info.param.variable;
}

INSTANTIATE_TEST_SUITE_P(
    Of,
    WrongValueOf,
    testing::Values(
        WrongValue{"DIB_GRUB_TIMEOUT", "soon", {"fake-os", "bootloader"}},
        WrongValue{"DIB_BOOTLOADER_SERIAL_CONSOLE", "COM1:", {"fake-os", "bootloader"}},
        WrongValue{"DIB_BOOTLOADER_DEFAULT_CMDLINE", "quiet $HOME", {"fake-os", "bootloader"}},
        WrongValue{"DIB_SERIAL_CONSOLE_PORTS", "COM1:", {"fake-os", "enable-serial-console"}},
        WrongValue{"DIB_INIT_SYSTEM", "runit", {"fake-os", "dib-init-system"}},
        WrongValue{"DIB_AVOID_PACKAGES_UPDATE", "yes", {"fake-os", "base"}},
        WrongValue{"DIB_CLOUD_INIT_ETC_HOSTS", "maybe", {"fake-os", "base"}},
        WrongValue{"DIB_DISTRIBUTION_MIRROR", "mirror.example", {"ubuntu"}},
        WrongValue{"DIB_DISTRIBUTION_MIRROR_UBUNTU_IGNORE", "[", {"ubuntu"}}),
    variable_name);

TEST(DebianMirror, OfDiskimageBuildersOtherNameCounts) {
    for (const char* element : {"debian", "debian-minimal"}) {
        Workspace space;
        space.environment["DIB_DISTRIBUTION_MIRROR"] = "file:///one";
        space.environment["DIB_DEBIAN_DISTRIBUTION_MIRROR"] = "file:///other";
        space.environment["DIB_APT_SOURCES_CONF"] = "default:deb file:///third stable main";
        space.hook("marker", "root.d/02-marker", "echo mirror: $DIB_DISTRIBUTION_MIRROR; exit 1");
        const Finished result = space.build({"-v", element, "marker"});
        EXPECT_THAT(result.err, HasSubstr("mirror: file:///other"));
        EXPECT_THAT(result.err, HasSubstr("warning: DIB_APT_SOURCES_CONF is not done"));
    }
}

} // namespace
} // namespace kiln::tests
