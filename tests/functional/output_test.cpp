#include "build_watch.hpp"
#include "image_tree.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;

class Output : public AsUser {};

INSTANTIATE_TEST_SUITE_P(As, Output, testing::Values(User::root, User::plain), user_name);

TEST_P(Output, IsWhatWasAskedForAndNothingElse) {
    Workspace space(GetParam());
    const Finished result = space.build({"-t", "raw,qcow2", "--checksum", "fake-os"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, space / "out/image.raw" + "\n" + space / "out/image.qcow2" + "\n");
    EXPECT_THAT(space.list("out"),
                ElementsAre("image.qcow2",
                            "image.qcow2.kiln.json",
                            "image.qcow2.md5",
                            "image.qcow2.sha256",
                            "image.raw",
                            "image.raw.kiln.json",
                            "image.raw.md5",
                            "image.raw.sha256"));
    expect_nothing_lies_around(space);
}

TEST_P(Output, OfBothFormatsIsTheSameDiskAndItsChecksumsHold) {
    Workspace space(GetParam());
    space.must_build({"-t", "qcow2,raw", "--checksum", "fake-os"});
    const Answer same =
        ask({"qemu-img", "compare", space / "out/image.raw", space / "out/image.qcow2"});
    EXPECT_EQ(same.exit_code, 0) << same.text;
    for (const char* tool : {"md5sum", "sha256sum"}) {
        const std::string kind = std::string(tool).substr(0, std::string(tool).size() - 3);
        const Answer sums = ask({"bash",
                                 "-c",
                                 "cd " + space / "out" + " && " + tool + " -c image.raw." + kind +
                                     " image.qcow2." + kind});
        EXPECT_EQ(sums.exit_code, 0) << sums.text;
    }
}

TEST_P(Output, IsACleanFileSystem) {
    Workspace space(GetParam());
    space.must_build({"fake-os", "odd-files"});
    const Answer check = ask({"e2fsck", "-fn", space / "out/image.raw"});
    EXPECT_EQ(check.exit_code, 0) << check.text;
}

TEST_P(Output, HasTheLabelAndSizeOfTheCommandLine) {
    Workspace space(GetParam());
    space.must_build({"--root-label", "my-root", "--image-size", "0.25", "fake-os"});
    EXPECT_THAT(ask({"dumpe2fs", "-h", space / "out/image.raw"}).text,
                ContainsRegex("Filesystem volume name: +my-root"));
    EXPECT_EQ(fs::file_size(space / "out/image.raw"), 256U * 1024 * 1024);
    EXPECT_EQ(read_from_image(space / "out/image.raw", "/etc/fstab"),
              "LABEL=my-root / ext4 defaults 0 1\n");
}

TEST_P(Output, HasTheSizeThatTheLastHookAnswers) {
    Workspace space(GetParam());
    space.hook("disk", "block-device-size.d/10-disk", "echo IMAGE_SIZE=2");
    space.hook("disk", "block-device-size.d/20-disk", "echo other words\necho IMAGE_SIZE=0.5");
    space.must_build({"fake-os", "disk"});
    EXPECT_EQ(fs::file_size(space / "out/image.raw"), 512U * 1024 * 1024);
    space.must_build({"--image-size", "0.25", "fake-os", "disk"});
    EXPECT_EQ(fs::file_size(space / "out/image.raw"), 256U * 1024 * 1024);
}

TEST_P(Output, MayBeAFileOfAHook) {
    Workspace space(GetParam());
    space.hook("disk",
               "block-device.d/10-disk",
               "truncate -s 300M $TMP_IMAGE_DIR/mine.raw\n"
               "echo IMAGE_BLOCK_DEVICE=$TMP_IMAGE_DIR/mine.raw");
    space.hook("disk", "finalise.d/10-disk", "echo $IMAGE_BLOCK_DEVICE");
    space.must_build({"fake-os", "disk"});
    EXPECT_THAT(space.hook_output().back(), HasSubstr("/mine.raw"));
    EXPECT_EQ(ask({"e2fsck", "-fn", space / "out/image.raw"}).exit_code, 0);
}

TEST_P(Output, HasAPartitionTableWhenAnElementSaysSo) {
    Workspace space(GetParam());
    space.must_build({"fake-os", "block-device-gpt"});
    const std::string image = space / "out/image.raw";
    EXPECT_THAT(ask({"sfdisk", "--dump", image}).text, HasSubstr("label: gpt"));
    EXPECT_EQ(ask({"sfdisk", "--verify", image}).exit_code, 0);
    const std::uint64_t root = last_partition(image);
    const Tree tree = read_image(image, root);
    EXPECT_EQ(tree.count("/fake-data"), 1U);
    EXPECT_EQ(tree.count("/boot/efi"), 1U);
    EXPECT_EQ(read_from_image(image, "/etc/fstab", root),
              "LABEL=cloudimg-rootfs / ext4 errors=remount-ro 0 1\n"
              "LABEL=ESP /boot/efi vfat umask=0077 0 2\n");
    const std::string place = image + "?offset=" + std::to_string(root);
    const Answer check = ask({"e2fsck", "-fn", place});
    EXPECT_EQ(check.exit_code, 0) << check.text;
}

TEST_P(Output, ReplacesTheOldOneInOnePiece) {
    Workspace space(GetParam());
    space.write("out/image.raw", "the old image");
    space.write("out/image.qcow2", "the old image");
    const util::Fd reader = util::open_file(space / "out/image.raw", O_RDONLY);
    space.must_build({"-t", "raw,qcow2", "fake-os"});
    EXPECT_EQ(util::read_all(reader.get(), "the old image"), "the old image");
    EXPECT_GT(fs::file_size(space / "out/image.raw"), 1000U);
    EXPECT_GT(fs::file_size(space / "out/image.qcow2"), 1000U);
}

TEST_P(Output, OfABuildThatFailsIsTheOldOne) {
    Workspace space(GetParam());
    space.write("out/image.raw", "the old image");
    space.hook("broken", "cleanup.d/99-broken", "exit 1");
    EXPECT_EQ(space.build({"fake-os", "broken"}).exit_code, 3);
    EXPECT_EQ(space.read("out/image.raw"), "the old image");
    EXPECT_THAT(space.list("out"), ElementsAre("image.raw"));
}

TEST_P(Output, MayBeNamedWithItsFormat) {
    Workspace space(GetParam());
    space.must_build({"-o", "disk.qcow2", "-t", "qcow2", "fake-os"});
    EXPECT_THAT(space.list("out"), ElementsAre("disk.qcow2", "disk.qcow2.kiln.json"));
}

TEST_P(Output, FoldersAreMade) {
    Workspace space(GetParam());
    space.must_build({"-o", "a/b/disk.v1", "fake-os"});
    EXPECT_THAT(space.list("out/a/b"), ElementsAre("disk.v1.raw", "disk.v1.raw.kiln.json"));
}

TEST_P(Output, BelongsToTheUserAndOthersMayReadIt) {
    Workspace space(GetParam());
    space.must_build({"-t", "raw,qcow2", "fake-os"});
    struct stat folder = {};
    ASSERT_EQ(::stat((space / "out").c_str(), &folder), 0);
    for (const char* name : {"out/image.raw", "out/image.qcow2", "out/image.raw.kiln.json"}) {
        struct stat info = {};
        ASSERT_EQ(::stat((space / name).c_str(), &info), 0);
        EXPECT_EQ(info.st_uid, folder.st_uid) << name;
        EXPECT_EQ(info.st_mode & 07777U, 0644U) << name;
    }
}

TEST_P(Output, HasFilesOfHooksBesideIt) {
    Workspace space(GetParam());
    space.hook("e",
               "cleanup.d/50-e",
               "cp $TARGET_ROOT/etc/os-release $KILN_OUTPUT_DIR/$IMAGE_NAME.release\n"
               "mkdir -p $IMAGE_NAME.d/list\n"
               "echo elements > $IMAGE_NAME.d/list/e\n"
               "chown 33:33 $IMAGE_NAME.d/list/e\n"
               "chmod 0600 $IMAGE_NAME.d/list/e");
    space.write("out/image.release", "the old one");
    space.write("out/image.d/mine", "kept");
    const Finished result = space.build({"fake-os", "e"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out,
              space / "out/image.raw" + "\n" + space / "out/image.d" + "\n" +
                  space / "out/image.release" + "\n");
    EXPECT_EQ(space.read("out/image.release"), "fake\n");
    EXPECT_EQ(space.read("out/image.d/list/e"), "elements\n");
    EXPECT_EQ(space.read("out/image.d/mine"), "kept");
    EXPECT_THAT(space.list_without_records("out"),
                ElementsAre("image.d", "image.raw", "image.release"));
    struct stat image = {};
    struct stat file = {};
    ASSERT_EQ(::stat((space / "out/image.raw").c_str(), &image), 0);
    ASSERT_EQ(::stat((space / "out/image.d/list/e").c_str(), &file), 0);
    EXPECT_EQ(file.st_uid, image.st_uid);
    EXPECT_EQ(file.st_mode & 07777U, 0600U);
    expect_nothing_lies_around(space);
}

TEST_P(Output, OfHooksIsNotWrittenWhenTheBuildFails) {
    Workspace space(GetParam());
    space.hook("e", "extra-data.d/50-e", "echo text > $IMAGE_NAME.note");
    space.hook("e", "cleanup.d/50-e", "exit 1");
    EXPECT_EQ(space.build({"fake-os", "e"}).exit_code, 3);
    EXPECT_THAT(space.list("out"), ElementsAre());
    space.hook("e", "cleanup.d/50-e", "echo text > $IMAGE_NAME.raw");
    Finished result = space.build({"fake-os", "e"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("'image.raw'"));
    space.hook("e", "cleanup.d/50-e", "echo text > $IMAGE_NAME.raw.kiln.json");
    result = space.build({"fake-os", "e"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("'image.raw.kiln.json'"));
    EXPECT_THAT(space.list("out"), ElementsAre());
}

TEST_P(Output, IsMadeByTheLinkWithThePeersName) {
    Workspace space(GetParam());
    Program program = space.program({"-n", "-o", "image", "-t", "raw", "fake-os"});
    program.argv.front() = fs::path(program.argv.front()).parent_path() / "disk-image-create";
    program.environment["DIB_CHECKSUM"] = "1";
    const Finished result = Running(program).wait(std::chrono::seconds(90));
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(
        space.list("out"),
        ElementsAre("image.raw", "image.raw.kiln.json", "image.raw.md5", "image.raw.sha256"));
}

TEST_P(Output, HasNothingOfTheBuildInside) {
    Workspace space(GetParam());
    space.hook(
        "e",
        "install.d/50-e",
        "echo x > /tmp/x; echo x > /var/log/x; echo x > /root/x.log; echo x > /var/tmp/kept");
    space.must_build({"fake-os", "e"});
    const Tree tree = read_image(space / "out/image.raw");
    std::vector<std::string> found;
    for (const auto& [path, what] : tree) {
        for (const char* folder : {"/tmp/", "/dev/", "/proc/", "/sys/", "/run/", "/root/"}) {
            if (path.rfind(folder, 0) == 0) {
                found.push_back(path);
            }
        }
    }
    EXPECT_EQ(util::join(found, " "), "");
    EXPECT_THAT(tree.at("/var/log/x"), HasSubstr(" size=0 "));
    EXPECT_THAT(tree.at("/var/tmp/kept"), HasSubstr(" size=2 "));
    EXPECT_THAT(tree.at("/tmp"), HasSubstr("041777 0:0"));
    EXPECT_THAT(tree.at("/"), HasSubstr("040755 0:0"));
}

} // namespace
} // namespace kiln::tests
