#include "build_watch.hpp"
#include "image_tree.hpp"
#include "running.hpp"
#include "util/text.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>

#include <signal.h>

#include <filesystem>

namespace kiln::tests {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

/// An appliance under software emulation on a busy machine.
constexpr seconds k_longest_build{280};

/// Builds over an image that only the appliance of libguestfs reads.
class ForeignBase : public AsUser {
protected:
    void SetUp() override {
        AsUser::SetUp();
        if (!IsSkipped() && ask({"bash", "-c", "ls /boot/vmlinuz-*"}).exit_code != 0) {
            GTEST_SKIP() << "libguestfs finds no kernel in /boot";
        }
    }

    /// A small system with a file that is another user's, and a set-uid program.
    static void make_btrfs(const std::string& tree, const std::string& image) {
        const std::string script =
            "set -eu\nmkdir " + tree + "\nTARGET_ROOT=" + tree +
            " FAKE_OS_MEGABYTES=1 " KILN_SOURCE_DIR "/tests/elements/fake-os/root.d/10-fake-os\n" +
            "cd " + tree + "\nchown -R 0:0 .\necho btrfs >marker; chown 3:42 marker\n" +
            "printf x >set-uid; chmod 4755 set-uid\n" + "truncate -s 128M " + image +
            "\nmkfs.btrfs -q --rootdir . " + image + "\nchmod 644 " + image;
        const Answer answer = ask({"bash", "-c", script});
        ASSERT_EQ(answer.exit_code, 0) << answer.text;
    }

    static void prepare(Workspace& space) {
        space.write("elements/on-base/element-provides", "operating-system\n");
        space.write("elements/on-base/element-deps", "base-image\n");
        space.hook("on-base",
                   "install.d/50-look",
                   "stat -c 'marker: %u:%g' /marker; stat -c 'set-uid: %a %u' /set-uid");
        make_btrfs(space / "base", space / "base.btrfs");
        space.environment["DIB_LOCAL_IMAGE"] = space / "base.btrfs";
    }
};

/// Where the machine has its socket; empty while none runs (qemu is first asked what it can do).
std::string socket_of(pid_t build) {
    for (const pid_t process : descendants(build)) {
        const Answer found = ask({"grep",
                                  "-aom1",
                                  "/[^=,]*/guestfsd.sock",
                                  "/proc/" + std::to_string(process) + "/cmdline"});
        if (found.exit_code == 0) {
            return std::string(util::trim(found.text));
        }
    }
    return "";
}

TEST_P(ForeignBase, OfBtrfsIsUnpackedWithItsOwners) {
    Workspace space(GetParam());
    prepare(space);
    const Finished result = space.start_build({"on-base"}).wait(k_longest_build);
    ASSERT_EQ(result.exit_code, 0) << result.err << space.build_log();
    EXPECT_THAT(space.build_log(), HasSubstr("the appliance"));
    const std::string output = util::join(space.hook_output(), "\n");
    EXPECT_THAT(output, HasSubstr("marker: 3:42"));
    EXPECT_THAT(output, HasSubstr("set-uid: 4755 0"));
    EXPECT_EQ(read_from_image(space / "out/image.raw", "/marker"), "btrfs\n");
}

TEST_P(ForeignBase, LeavesNothingWhenItsBuildIsEndedInTheAppliance) {
    Workspace space(GetParam());
    prepare(space);
    for (const int signal : {SIGINT, SIGKILL}) {
        Running build = space.start_build({"on-base"});
        std::string socket;
        ASSERT_TRUE(comes_true(k_longest_build / 2, [&] {
            socket = socket_of(build.pid());
            return !socket.empty();
        }));
        ::kill(build.pid(), signal);
        EXPECT_EQ(build.wait(seconds(20)).signal, signal);
        expect_nothing_runs(space);
        EXPECT_FALSE(std::filesystem::exists(socket)) << socket;
    }
}

INSTANTIATE_TEST_SUITE_P(By, ForeignBase, testing::Values(User::root, User::plain), user_name);

} // namespace
} // namespace kiln::tests
