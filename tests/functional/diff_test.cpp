#include "image_tree.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <signal.h>

#include <set>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

class Diff : public AsUser {
protected:
    void SetUp() override {
        AsUser::SetUp();
        if (!IsSkipped()) {
            space_.emplace(GetParam());
            space_->write("work/empty", "");
            space_->write("one/empty", "");
            space_->write("two/empty", "");
        }
    }

    void TearDown() override {
        if (space_) {
            EXPECT_THAT(space_->list("work"), testing::ElementsAre("empty"));
        }
    }

    /// Builds FOLDER/image.*; the name of an image counts for its ids.
    void build(const std::string& folder,
               const std::string& formats,
               const std::vector<std::string>& elements) {
        std::vector<std::string> words = {"build",
                                          "-n",
                                          "-o",
                                          *space_ / (folder + "/image"),
                                          "-t",
                                          formats,
                                          "--env",
                                          "FAKE_OS_MEGABYTES=1"};
        words.insert(words.end(), elements.begin(), elements.end());
        const Finished result = space_->kiln(words);
        ASSERT_EQ(result.exit_code, 0) << result.err;
    }

    /// Two builds, of which the second has one more hook.
    void build_two(const std::string& hook) {
        space_->hook("change", "install.d/60-change", hook);
        build("one", "raw", {"fake-os", "odd-files"});
        build("two", "qcow2", {"fake-os", "odd-files", "change"});
    }

    Finished
    diff(const std::string& a, const std::string& b, const std::vector<std::string>& options = {}) {
        std::vector<std::string> words = {"diff", "--work-dir", *space_ / "work"};
        words.insert(words.end(), options.begin(), options.end());
        words.push_back(*space_ / a);
        words.push_back(*space_ / b);
        return space_->kiln(words);
    }

    json difference(const std::vector<std::string>& options = {}) {
        std::vector<std::string> words = {"--json"};
        words.insert(words.end(), options.begin(), options.end());
        const Finished result = diff("one/image.raw", "two/image.qcow2", words);
        EXPECT_EQ(result.exit_code, 1) << result.err;
        return json::parse(result.out);
    }

    std::optional<Workspace> space_;
};

INSTANTIATE_TEST_SUITE_P(As, Diff, testing::Values(User::root, User::plain), user_name);

/// "changed /path: property property".
std::set<std::string> lines_of(const json& files) {
    std::set<std::string> lines;
    for (const json& file : files) {
        std::string line =
            file.at("change").get<std::string>() + " " + file.at("path").get<std::string>() + ":";
        for (const json& change : file.at("properties")) {
            line += " " + change.at("property").get<std::string>();
        }
        lines.insert(line);
    }
    return lines;
}

TEST_P(Diff, OfOneDiskInEveryFormatIsNothing) {
    build("one", "raw,qcow2,vhd,vhdx,vmdk,vdi", {"fake-os", "odd-files"});
    for (const char* other : {"qcow2", "vhd", "vhdx", "vmdk", "vdi"}) {
        const Finished result = diff("one/image.raw", std::string("one/image.") + other);
        EXPECT_EQ(result.exit_code, 0) << other << ": " << result.out << result.err;
        EXPECT_THAT(result.out, HasSubstr("identical: ")) << other;
    }
}

TEST_P(Diff, OfADiskAndItsTreeIsNothingButANote) {
    build("one", "qcow2,tar,tar.zst,squashfs", {"fake-os", "odd-files"});
    for (const char* other : {"tar", "tar.zst", "squash"}) {
        const Finished result = diff("one/image.qcow2", std::string("one/image.") + other);
        EXPECT_EQ(result.exit_code, 0) << other << ": " << result.out << result.err;
        EXPECT_THAT(result.out, HasSubstr("note: the layout is not compared: A is a disk"));
    }
}

TEST_P(Diff, NamesEverythingThatAHookChanged) {
    space_->hook(
        "change", "post-root.d/60-access-list", "setfacl -m u:1234:r $TMP_MOUNT_PATH/odd/sparse");
    build_two("cd /odd; echo more >> attributes; chmod 0700 attributes; chown 7:8 pipe\n"
              "setfattr -n user.kiln -v other attributes; setcap cap_net_raw=ep capable\n"
              "rm broken-link; ln -sfn /etc/group absolute-link\n"
              "mkdir new; touch -d @1 'a name with blanks'/*; ln sparse second");
    const json found = difference();
    EXPECT_THAT(lines_of(found.at("files")),
                IsSupersetOf({"changed /odd/attributes: content size mode xattr user.kiln",
                              "changed /odd/pipe: owner",
                              "changed /odd/capable: xattr security.capability",
                              "removed /odd/broken-link:",
                              "changed /odd/absolute-link: target",
                              "added /odd/new:",
                              "added /odd/second:",
                              "changed /odd/a name with blanks/tab\\x09here: time"}));
    const std::string text = diff("one/image.raw", "two/image.qcow2").out;
    EXPECT_THAT(text, HasSubstr("~ /odd/pipe: owner 0:0 -> 7:8"));
    EXPECT_THAT(text, HasSubstr("cap_net_bind_service=ep -> cap_net_raw=ep"));
    EXPECT_THAT(text, HasSubstr("none -> user::rw-,user:1234:r--"));
}

TEST_P(Diff, NamesPackagesAndOnlyWhatWasAskedFor) {
    build_two("mkdir -p /var/lib/dpkg\n"
              "printf 'Package: tool\\nStatus: install ok installed\\nArchitecture: all\\n"
              "Version: 2.0\\n' > /var/lib/dpkg/status");
    space_->hook("before",
                 "install.d/60-before",
                 "mkdir -p /var/lib/dpkg\n"
                 "printf 'Package: tool\\nStatus: install ok installed\\nArchitecture: all\\n"
                 "Version: 1.0\\n' > /var/lib/dpkg/status");
    build("one", "raw", {"fake-os", "odd-files", "before"});
    const json packages = difference({"--only", "packages"});
    EXPECT_EQ(packages.at("packages"),
              json::parse(R"([{"name": "tool", "architecture": "all", "change": "upgraded",
                               "a": "1.0", "b": "2.0"}])"));
    EXPECT_THAT(packages.at("files"), IsEmpty());
    EXPECT_THAT(packages.at("layout"), IsEmpty());
    const json files = difference({"--only", "files", "--ignore-times"});
    EXPECT_THAT(files.at("packages"), IsEmpty());
    EXPECT_THAT(lines_of(files.at("files")), Contains("changed /var/lib/dpkg/status: content"));
    const Finished result = diff("one/image.raw", "two/image.qcow2", {"--limit", "1"});
    EXPECT_THAT(result.out, HasSubstr("packages: 1 (1 upgraded)\n  ~ tool all 1.0 -> 2.0\n"));
}

TEST_P(Diff, NamesThePartitionsThatDiffer) {
    space_->write("layout.yaml",
                  "- local_loop: {name: image0}\n"
                  "- partitioning:\n"
                  "    base: image0\n"
                  "    label: gpt\n"
                  "    partitions:\n"
                  "      - {name: BSP, type: 'EF02', size: 4MiB}\n"
                  "      - name: root\n"
                  "        size: 100%\n"
                  "        mkfs: {type: ext4, label: other, mount: {mount_point: /,"
                  " fstab: {options: defaults}}}\n");
    build("one", "raw", {"fake-os"});
    space_->environment["DIB_BLOCK_DEVICE_CONFIG"] = "file://" + *space_ / "layout.yaml";
    build("two", "qcow2", {"fake-os"});
    const std::string text = diff("one/image.raw", "two/image.qcow2", {"--only=layout"}).out;
    EXPECT_THAT(text, HasSubstr("table: none -> gpt"));
    EXPECT_THAT(text, HasSubstr("  - filesystem of disk\n"));
    EXPECT_THAT(text, HasSubstr("  + filesystem of partition 2\n"));
    EXPECT_THAT(text, HasSubstr("label: none -> other"));
}

TEST_P(Diff, NamesTheHookThatWroteWhatDiffers) {
    space_->hook("change", "install.d/10-first", "echo first > /etc/first; echo x > /etc/gone");
    space_->hook("change", "install.d/20-second", "echo second > /etc/second");
    build("one", "raw", {"fake-os", "change"});
    space_->hook("change", "install.d/10-first", "echo other > /etc/first; echo x > /etc/gone");
    space_->hook("change", "install.d/20-second", "echo second > /etc/second; rm /etc/gone");
    build("two", "qcow2", {"fake-os", "change"});
    const json found = difference({"--layers"});
    std::map<std::string, json> hooks;
    for (const json& file : found.at("files")) {
        hooks[file.at("path").get<std::string>()] = file.value("hook", json());
    }
    const std::string first = "install.d/10-first (element change)";
    const std::string second = "install.d/20-second (element change)";
    EXPECT_EQ(hooks["/etc/first"], json({{"a", first}, {"b", first}})) << found.dump(1);
    EXPECT_EQ(hooks["/etc/gone"], json({{"a", first}, {"b", second}}));
    EXPECT_THAT(found.at("notes"), IsEmpty());
}

TEST_P(Diff, SaysThatTheCacheKnowsNothingOfAnImage) {
    build_two("echo > /etc/new");
    const json found = difference({"--layers", "--image-cache", *space_ / "work"});
    EXPECT_THAT(found.at("notes").dump(), HasSubstr("no record of"));
    EXPECT_THAT(lines_of(found.at("files")), Contains("added /etc/new:"));
}

TEST_P(Diff, TellsTroubleFromADifference) {
    build("one", "qcow2", {"fake-os"});
    const Finished missing = diff("one/image.qcow2", "nowhere");
    EXPECT_EQ(missing.exit_code, 2);
    EXPECT_THAT(missing.err, HasSubstr("there is no image"));
    fs::resize_file(*space_ / "one/image.qcow2", 100000);
    space_->write("two/other", "no image");
    const Finished damaged = diff("one/image.qcow2", "two/other");
    EXPECT_EQ(damaged.exit_code, 2) << damaged.err;
    EXPECT_THAT(damaged.err, HasSubstr("hint: "));
    EXPECT_THAT(damaged.out, IsEmpty());
    EXPECT_EQ(diff("one/image.qcow2", "two/other", {"--only", "file"}).exit_code, 2);
    EXPECT_EQ(diff("one/image.qcow2", "two/other", {"--limit", "-1"}).exit_code, 2);
    space_->write("two/image.qcow2", "QFI\xfb");
    EXPECT_EQ(diff("two/other", "two/image.qcow2").exit_code, 2);
}

TEST_P(Diff, OfFoldersNeedsNoImage) {
    space_->write("one/tree/etc/passwd", "root\n");
    space_->write("two/tree/etc/passwd", "toor\n");
    const Finished result = diff("one/tree", "two/tree", {"--ignore-times"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.out, HasSubstr("files: 1 (1 changed)\n  ~ /etc/passwd: content\n"));
    EXPECT_EQ(diff("one/tree", "one/tree").exit_code, 0);
}

TEST_P(Diff, EndsCleanlyWhenItIsStopped) {
    // So much to read that it cannot be done before.
    const std::string image = space_->write("one/disk", "");
    fs::resize_file(image, std::uintmax_t{2} * 1024 * 1024 * 1024);
    ASSERT_EQ(ask({"mke2fs", "-qF", image}).exit_code, 0);
    ASSERT_EQ(
        ask({"qemu-img", "convert", "-O", "qcow2", image, *space_ / "two/disk.qcow2"}).exit_code,
        0);
    const std::string folder = *space_ / "one/tree";
    space_->write("one/tree/hole", "");
    fs::resize_file(folder + "/hole", std::uintmax_t{60} * 1024 * 1024 * 1024);
    Running running(space_->program(
        {"diff", "--work-dir", *space_ / "work", *space_ / "two/disk.qcow2", folder}));
    ASSERT_TRUE(comes_true(std::chrono::seconds(20), [&] {
        return fs::exists(*space_ / "work") && space_->list("work").size() > 1;
    }));
    ::kill(running.pid(), SIGTERM);
    EXPECT_EQ(running.wait(std::chrono::seconds(20)).exit_code, 128 + SIGTERM);
}

} // namespace
} // namespace kiln::tests
