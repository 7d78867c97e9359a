#include "cache_watch.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> k_mount_words = {
    "--env", "FAKE_OS_MEGABYTES=1", "fake-os", "mounts"};

class CacheAndMounts : public AsUser {
protected:
    void SetUp() override {
        AsUser::SetUp();
        space.emplace(GetParam());
        space->write("shared/from-host", "of the host\n");
    }

    void hook(const std::string& name, const std::string& text) {
        space->hook("mounts", name, text);
    }

    std::optional<Workspace> space{};
};

INSTANTIATE_TEST_SUITE_P(As, CacheAndMounts, testing::Values(User::root, User::plain), user_name);

TEST_P(CacheAndMounts, AHitLeavesTheBindMountThatItsHookLeft) {
    hook("root.d/50-bind",
         "mkdir -p \"$TARGET_ROOT/mnt/shared\"\nmount --bind '" + *space / "shared" +
             "' \"$TARGET_ROOT/mnt/shared\"");
    hook("root.d/60-host",
         "cat \"$TARGET_ROOT/mnt/shared/from-host\" > \"$TARGET_ROOT/seen-by-host\"");
    hook("install.d/50-tree", "cat /mnt/shared/from-host > /seen");
    must_build_in(*space, k_mount_words);
    const std::string expected = build_cold(*space, k_mount_words);
    expect_same_image(*space / "out/image.raw", expected);
    // The one that left it is a hit; a hook after it runs anew, and sees the mount.
    hook("install.d/50-tree", "cat /mnt/shared/from-host > /seen # again");
    hook("root.d/60-host",
         "cat \"$TARGET_ROOT/mnt/shared/from-host\" > \"$TARGET_ROOT/seen-again\"");
    const Finished second = must_build_in(*space, k_mount_words);
    EXPECT_THAT(missed_in(second.err), Not(Contains("root.d/50-bind")));
    EXPECT_THAT(missed_in(second.err), Contains("root.d/60-host"));
    EXPECT_THAT(missed_in(second.err), Contains("install.d/50-tree"));
    expect_same_image(*space / "out/image.raw", build_cold(*space, k_mount_words));
}

TEST_P(CacheAndMounts, AHookWhoseMountCannotBeMadeAgainRunsEveryTime) {
    hook("root.d/50-memory",
         "mkdir -p \"$TARGET_ROOT/mnt/memory\"\nmount -t tmpfs none \"$TARGET_ROOT/mnt/memory\"\n"
         "echo made > \"$TARGET_ROOT/mnt/memory/file\"");
    hook("install.d/50-tree", "cat /mnt/memory/file > /seen");
    const Finished first = must_build_in(*space, k_mount_words);
    EXPECT_THAT(first.err, HasSubstr("not kept: it left a mount that cannot be made again"));
    const Finished second = must_build_in(*space, k_mount_words);
    EXPECT_THAT(missed_in(second.err), Contains("root.d/50-memory"));
    expect_same_image(*space / "out/image.raw", build_cold(*space, k_mount_words));
}

TEST_P(CacheAndMounts, ABindMountThatHasGoneCostsARun) {
    hook("root.d/50-bind",
         "mkdir -p \"$TARGET_ROOT/mnt/shared\" '" + *space / "shared" + "'\nmount --bind '" +
             *space / "shared" + "' \"$TARGET_ROOT/mnt/shared\"");
    hook("install.d/50-tree", "ls /mnt/shared > /seen");
    must_build_in(*space, k_mount_words);
    std::filesystem::remove_all(*space / "shared");
    hook("install.d/50-tree", "ls /mnt/shared > /seen-again");
    const Finished second = must_build_in(*space, k_mount_words);
    EXPECT_THAT(missed_in(second.err), Contains("root.d/50-bind"));
    expect_same_image(*space / "out/image.raw", build_cold(*space, k_mount_words));
}

} // namespace
} // namespace kiln::tests
