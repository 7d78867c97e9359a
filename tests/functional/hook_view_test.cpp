#include "image_tree.hpp"
#include "util/text.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace kiln::tests {
namespace {

using testing::Contains;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class HookView : public AsUser {
protected:
    /// What one hook of a phase prints.
    static std::vector<std::string>
    said_by(Workspace& space, const std::string& phase, const std::string& text) {
        space.hook("probe", phase + ".d/50-probe", text);
        space.must_build({"fake-os", "probe"});
        return space.hook_output();
    }
};

INSTANTIATE_TEST_SUITE_P(As, HookView, testing::Values(User::root, User::plain), user_name);

class HookViewAs : public HookView {};

INSTANTIATE_TEST_SUITE_P(As, HookViewAs, testing::Values(User::plain), user_name);

TEST_P(HookViewAs, TheMemoryOfKilnIsClosed) {
    Workspace space(GetParam());
    const auto said = said_by(
        space,
        "root",
        "for file in mem environ maps; do head -c 1 /proc/1/$file >/dev/null && echo $file; done\n"
        "echo end");
    EXPECT_THAT(said, Contains("end"));
    for (const char* file : {"mem", "environ", "maps"}) {
        EXPECT_THAT(said, Not(Contains(file)));
    }
}

TEST_P(HookView, PhasesComeInOrder) {
    Workspace space(GetParam());
    const std::vector<std::string> phases = {"root",
                                             "extra-data",
                                             "pre-install",
                                             "install",
                                             "post-install",
                                             "post-root",
                                             "block-device-size",
                                             "block-device",
                                             "pre-finalise",
                                             "finalise",
                                             "cleanup"};
    for (const std::string& phase : phases) {
        space.hook("order", phase + ".d/50-order", "echo " + phase);
    }
    space.must_build({"fake-os", "order"});
    EXPECT_EQ(space.hook_output(), phases);
}

TEST_P(HookView, HooksOfAPhaseComeByNumber) {
    Workspace space(GetParam());
    for (const char* name : {"100-c", "20_f", "9-b", "10-a", "2-two", "abc", "010-z", "10-B"}) {
        space.hook("order", std::string("install.d/") + name, std::string("echo ") + name);
    }
    space.must_build({"fake-os", "order"});
    EXPECT_THAT(space.hook_output(),
                ElementsAre("abc", "2-two", "9-b", "010-z", "10-B", "10-a", "20_f", "100-c"));
}

TEST_P(HookView, HostHooksKnowThePlaces) {
    Workspace space(GetParam());
    const auto lines = said_by(space,
                               "extra-data",
                               "echo \"${TARGET_ROOT-unset} $TMP_MOUNT_PATH $TMP_HOOKS_PATH\"\n"
                               "echo \"$TMP_BUILD_DIR $TMP_IMAGE_DIR $(pwd) $(id -u)\"\n"
                               "test -d $TMP_IMAGE_DIR\n"
                               "test -e $TMP_MOUNT_PATH/fake-data\n"
                               "echo data > $TMP_HOOKS_PATH/for-the-chroot");
    EXPECT_THAT(lines,
                ElementsAre("unset /kiln/build/mnt /kiln/build/hooks",
                            "/kiln/build /kiln/build/image /kiln/build/output 0"));
}

TEST_P(HookView, ExtraDataReachesTheChroot) {
    Workspace space(GetParam());
    space.hook("e", "extra-data.d/50-e", "echo from-the-host > $TMP_HOOKS_PATH/given");
    space.hook("e", "install.d/50-e", "cat /tmp/in_target.d/given");
    space.must_build({"fake-os", "e"});
    EXPECT_THAT(space.hook_output(), ElementsAre("from-the-host"));
}

TEST_P(HookView, RootAndCleanupHooksKnowTheTargetRoot) {
    Workspace space(GetParam());
    space.hook("e", "root.d/50-e", "echo $TARGET_ROOT; test -e $TARGET_ROOT/fake-data");
    space.hook("e", "cleanup.d/50-e", "echo $TARGET_ROOT; test -e $TARGET_ROOT/fake-data");
    space.must_build({"fake-os", "e"});
    EXPECT_THAT(space.hook_output(), ElementsAre("/kiln/build/mnt", "/kiln/build/mnt"));
}

TEST_P(HookView, TheChrootIsAsThePeersIs) {
    Workspace space(GetParam());
    const auto lines = said_by(space,
                               "install",
                               "echo \"$(pwd) $HOME ${TARGET_ROOT-unset} ${TMPDIR-unset}\"\n"
                               "echo $PATH\n"
                               "cat && echo empty-input\n"
                               "(echo x > /tmp/in_target.d/x) 2>/dev/null || echo read-only\n"
                               "echo $(id -u):$(id -g)");
    EXPECT_THAT(lines,
                ElementsAre("/ /root unset unset",
                            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                            "empty-input",
                            "read-only",
                            "0:0"));
}

TEST_P(HookView, ElementsAreToldInThreeForms) {
    Workspace space(GetParam());
    const auto lines = said_by(space,
                               "install",
                               "echo \"$IMAGE_ELEMENT\"\n"
                               "echo \"$IMAGE_ELEMENT_YAML\"\n"
                               "eval declare -A elements=\\($(get_image_element_array)\\)\n"
                               "echo \"${elements[probe]}\"");
    const std::string probe = "/kiln/build/elements/probe";
    EXPECT_EQ(lines.at(0), "fake-os probe");
    EXPECT_THAT(lines, Contains("probe: " + probe));
    EXPECT_EQ(lines.back(), probe);
}

TEST_P(HookView, TheCallersSecretsAreNotSeen) {
    Workspace space(GetParam());
    space.environment["OS_PASSWORD"] = "secret-1";
    space.environment["AWS_SECRET_ACCESS_KEY"] = "secret-2";
    space.environment["GIVEN"] = "given";
    space.environment["DIB_MINE"] = "mine";
    space.hook("e", "extra-data.d/50-e", "env");
    space.hook("e", "install.d/50-e", "env");
    space.must_build({"--env", "GIVEN", "--env", "WORD=a b", "fake-os", "e"});
    const std::vector<std::string> lines = space.hook_output();
    EXPECT_THAT(util::join(lines, "\n"), Not(HasSubstr("secret-")));
    for (const char* line : {"GIVEN=given", "WORD=a b", "DIB_MINE=mine"}) {
        EXPECT_EQ(std::count(lines.begin(), lines.end(), line), 2) << line;
    }
}

TEST_P(HookView, NeitherAreThoseInProc) {
    Workspace space(GetParam());
    space.environment["OS_PASSWORD"] = "secret-1";
    const auto lines =
        said_by(space,
                "extra-data",
                "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c secret- || true");
    EXPECT_THAT(lines, ElementsAre("0"));
}

TEST_P(HookView, FilesOfTheEnvironmentComeInByteOrder) {
    Workspace space(GetParam());
    for (const char* name : {"20-x", "100-x", "05"}) {
        space.write(std::string("elements/e/environment.d/") + name,
                    std::string("export SEEN=\"${SEEN:-} ") + name + "\"\n");
    }
    space.write("elements/e/environment.d/30-dot.bash", "export SEEN=\"$SEEN 30-dot.bash\"\n");
    space.hook("e", "install.d/50-e", "echo $SEEN");
    space.must_build({"fake-os", "e"});
    EXPECT_THAT(space.hook_output(), ElementsAre("05 100-x 20-x 30-dot.bash"));
}

TEST_P(HookView, AHookIsNoFirstProcess) {
    Workspace space(GetParam());
    const auto lines = said_by(space, "install", "echo $((${BASHPID} > 1)) $PPID");
    EXPECT_THAT(lines, ElementsAre("1 1"));
}

TEST_P(HookView, OnlyItsOwnProcessesAreThere) {
    Workspace space(GetParam());
    const auto lines = said_by(space, "install", "set -- /proc/[0-9]*; echo $#");
    EXPECT_THAT(lines, ElementsAre("2"));
}

TEST_P(HookView, DeviceNodesCannotBeMade) {
    Workspace space(GetParam());
    const auto lines = said_by(space,
                               "install",
                               "for path in /node /dev/node; do mknod $path b 8 0 2>/dev/null && "
                               "echo made || echo no; done\n"
                               "mknod /char c 1 3 2>/dev/null && echo made || echo no\n"
                               "echo x > /dev/null && head -c 4 /dev/zero | wc -c");
    EXPECT_THAT(lines, ElementsAre("no", "no", "no", "4"));
}

TEST_P(HookView, TheHostNameIsHidden) {
    Workspace space(GetParam());
    EXPECT_THAT(said_by(space, "install", "hostname"), ElementsAre("localhost"));
}

TEST_P(HookView, SysIsReadOnly) {
    Workspace space(GetParam());
    const auto lines =
        said_by(space,
                "install",
                "test -d /sys/kernel && echo there\n"
                "(echo 1 > /sys/kernel/profiling) 2>&1 | grep -o 'Read-only' || true");
    EXPECT_THAT(lines, ElementsAre("there", "Read-only"));
}

TEST_P(HookView, ResolvConfIsThereButNotInTheImage) {
    Workspace space(GetParam());
    const auto lines =
        said_by(space, "install", "test -s /etc/resolv.conf && echo there || echo not");
    EXPECT_THAT(lines, ElementsAre("there"));
    EXPECT_EQ(read_from_image(space / "out/image.raw", "/etc/resolv.conf"), std::nullopt);
}

TEST_P(HookView, ResolvConfOfTheImageStays) {
    Workspace space(GetParam());
    space.hook("e", "root.d/50-e", "echo 'nameserver 192.0.2.1' > $TARGET_ROOT/etc/resolv.conf");
    space.hook("e", "install.d/50-e", "grep -c 192.0.2.1 /etc/resolv.conf || true");
    space.must_build({"fake-os", "e"});
    EXPECT_THAT(space.hook_output(), ElementsAre("0"));
    EXPECT_EQ(read_from_image(space / "out/image.raw", "/etc/resolv.conf"),
              "nameserver 192.0.2.1\n");
}

TEST_P(HookView, ResolvConfMayBeALinkToNowhere) {
    Workspace space(GetParam());
    space.hook("e", "root.d/50-e", "ln -s ../run/systemd/stub $TARGET_ROOT/etc/resolv.conf");
    space.hook("e", "install.d/50-e", "test -s /etc/resolv.conf && echo there");
    space.must_build({"fake-os", "e"});
    EXPECT_THAT(space.hook_output(), ElementsAre("there"));
    const Tree tree = read_image(space / "out/image.raw");
    EXPECT_THAT(tree.at("/etc/resolv.conf"), HasSubstr(" -> ../run/systemd/stub"));
    EXPECT_EQ(tree.count("/run/systemd/stub"), 0U);
}

TEST_P(HookView, SudoOfHostHooksRunsTheCommand) {
    Workspace space(GetParam());
    const auto lines =
        said_by(space,
                "extra-data",
                "sudo -E id -u\nsudo touch $TMP_MOUNT_PATH/by-sudo\nsudo A=b env | grep ^A=");
    EXPECT_THAT(lines, ElementsAre("0", "A=b"));
    EXPECT_EQ(read_image(space / "out/image.raw").count("/by-sudo"), 1U);
}

TEST_P(HookView, ArgumentsAreHandedOn) {
    Workspace space(GetParam());
    EXPECT_THAT(said_by(space, "install", "echo $DIB_ARGS; echo $ARCH; echo $IMAGE_NAME"),
                ElementsAre("fake-os probe", ContainsRegex("amd64|arm64"), "image"));
}

TEST_P(HookView, PackagesOfTheCommandLineComeAfterInstall) {
    Workspace space(GetParam());
    space.hook("e",
               "root.d/50-e",
               "cat > $TARGET_ROOT/bin/install-packages <<'END'\n"
               "#!/bin/bash\necho installing \"$@\"\nEND\n"
               "chmod 755 $TARGET_ROOT/bin/install-packages");
    space.hook("e", "install.d/99-e", "echo install");
    space.hook("e", "post-install.d/00-e", "echo post-install");
    space.must_build({"-p", "vim,less", "-p", "it's", "fake-os", "e"});
    EXPECT_THAT(space.hook_output(),
                ElementsAre("install", "installing vim less it's", "post-install"));
}

TEST_P(HookView, TraceShowsTheEnvironmentFiles) {
    Workspace space(GetParam());
    space.write("elements/e/environment.d/10-e", "export E=seen-in-trace\n");
    space.hook("e", "install.d/50-e", "echo level $DIB_DEBUG_TRACE");
    space.must_build({"-x", "fake-os", "e"});
    EXPECT_THAT(space.build_log(), HasSubstr("+ export E=seen-in-trace"));
    EXPECT_THAT(space.hook_output(), Contains("level 1"));
}

TEST_P(HookView, NoNetworkMeansNone) {
    Workspace space(GetParam());
    space.hook("e", "install.d/50-e", "set -- /sys/class/net/*; wc -l < /proc/net/dev");
    space.must_build({"--no-network", "fake-os", "e"});
    // Two lines of heading and the loopback device.
    EXPECT_THAT(space.hook_output(), ElementsAre("3"));
}

} // namespace
} // namespace kiln::tests
