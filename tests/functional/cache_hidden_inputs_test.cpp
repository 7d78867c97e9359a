#include "image_tree.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

/// Inputs that a hook sees without its text saying so plainly.
class HiddenInput : public testing::Test {
protected:
    std::string build(const std::vector<std::string>& more = {}) {
        std::vector<std::string> words = {"--explain", "--env", "FAKE_OS_MEGABYTES=1"};
        words.insert(words.end(), more.begin(), more.end());
        words.insert(words.end(), {"fake-os", "web"});
        const Finished result = space.build(words);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        return result.err;
    }

    std::string in_image(const std::string& path) {
        return read_from_image(space / "out/image.raw", path).value_or("");
    }

    Workspace space{};
};

TEST_F(HiddenInput, OfAScriptThatAnEarlierHookWroteCounts) {
    space.hook("web",
               "install.d/50-tool",
               "mkdir -p /usr/local/bin\nprintf '#!/bin/sh\\necho \"$DIB_FOO\"\\n' >/tool\nchmod "
               "755 /tool");
    space.hook("web", "install.d/60-use", "/tool >/used");
    build({"--env", "DIB_FOO=one"});
    EXPECT_EQ(in_image("/used"), "one\n");
    build({"--env", "DIB_FOO=two"});
    EXPECT_EQ(in_image("/used"), "two\n");
}

TEST_F(HiddenInput, BehindALinkOutOfTheElementCounts) {
    space.write("script", "#!/bin/bash\nset -eu\necho one >\"$TARGET_ROOT/linked\"\n", 0755);
    space.hook("web", "install.d/50-x", "true");
    fs::create_directories(space / "elements/web/root.d");
    fs::create_symlink(space / "script", space / "elements/web/root.d/20-link");
    build();
    EXPECT_EQ(in_image("/linked"), "one\n");
    space.write("script", "#!/bin/bash\nset -eu\necho two >\"$TARGET_ROOT/linked\"\n", 0755);
    build();
    EXPECT_EQ(in_image("/linked"), "two\n");
}

TEST_F(HiddenInput, OfALayoutCounts) {
    space.hook("web", "install.d/50-layout", "printf '%s' \"$DIB_BLOCK_DEVICE_CONFIG\" >/layout");
    const std::string start =
        "- local_loop: {name: image0}\n- partitioning: {base: image0, label: ";
    const std::string end = ", partitions: [{name: root, size: 100%}]}\n"
                            "- mkfs: {name: root_fs, base: root, mount: {mount_point: /, fstab: "
                            "{options: defaults}}}\n";
    space.environment["DIB_BLOCK_DEVICE_CONFIG"] = start + "mbr" + end;
    build();
    space.environment["DIB_BLOCK_DEVICE_CONFIG"] = start + "gpt" + end;
    const std::string err = build();
    EXPECT_THAT(err, HasSubstr("miss  install.d/50-layout"));
}

TEST_F(HiddenInput, InTheFolderOfTheBuildKeepsALayerFromBeingUsedAlone) {
    space.hook("web", "root.d/20-write", "echo state >\"$TMP_BUILD_DIR/state\"");
    space.hook("web", "root.d/30-read", "cp \"$TMP_BUILD_DIR/state\" \"$TARGET_ROOT/state\"");
    build();
    space.hook("web", "root.d/30-read", "cat \"$TMP_BUILD_DIR/state\" >\"$TARGET_ROOT/state\"");
    build();
    EXPECT_EQ(in_image("/state"), "state\n");
}

TEST_F(HiddenInput, OfAHookThatAHookWroteKeepsTheBuildFromEndingEarly) {
    space.write("file", "one\n");
    space.hook("web",
               "extra-data.d/50-make",
               "# kiln-inputs: none\n"
               "printf '#!/bin/bash\\ncp " +
                   (space / "file") +
                   " \"$TMP_MOUNT_PATH/from-host\"\\n' >\"$TMP_HOOKS_PATH/extra-data.d/60-made\"\n"
                   "chmod 755 \"$TMP_HOOKS_PATH/extra-data.d/60-made\"");
    build();
    const std::string first = in_image("/from-host");
    space.write("file", "two\n");
    build();
    EXPECT_EQ(in_image("/from-host"), first.empty() ? "" : "two\n");
}

TEST_F(HiddenInput, ThatIsASecretIsNotInTheCache) {
    space.hook("web", "install.d/50-x", "[ -n \"$DIB_LOGINDATA\" ]");
    const auto with = [](const std::string& value) {
        return std::vector<std::string>{
            "--env", "KILN_SECRET_VARIABLES=DIB_LOGINDATA", "--env", "DIB_LOGINDATA=" + value};
    };
    build(with("zebra99secret"));
    const std::string err = build(with("otter88secret"));
    EXPECT_THAT(err, HasSubstr("DIB_LOGINDATA changed"));
    EXPECT_THAT(err, Not(HasSubstr("zebra99")));
    const Answer found = ask({"grep", "-rlE", "zebra99|otter88", space / "cache"});
    EXPECT_EQ(found.exit_code, 1) << found.text;
}

} // namespace
} // namespace kiln::tests
