#include "image_tree.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class TreeOutput : public AsUser {};

INSTANTIATE_TEST_SUITE_P(As, TreeOutput, testing::Values(User::root, User::plain), user_name);

/// Archives do not count the folders in a folder.
Tree without_folder_links(Tree tree) {
    for (auto& [path, what] : tree) {
        if (what.rfind("04", 0) == 0) {
            const std::size_t start = what.find(" links=");
            what.erase(start, what.find(' ', start + 1) - start);
        }
    }
    return tree;
}

/// What Python reads of an archive or of a folder.
Tree read_tree(const std::string& path, const std::string& prefix = "") {
    const Answer answer =
        ask({"python3", KILN_SOURCE_DIR "/tests/functional/read_tree.py", path, prefix});
    const json found = json::parse(answer.text, nullptr, false);
    if (answer.exit_code != 0 || !found.is_object()) {
        throw util::Error({.what = "cannot read '" + path + "': " + answer.text});
    }
    return found.get<Tree>();
}

void run(const std::vector<std::string>& argv) {
    const Answer answer = ask(argv);
    ASSERT_EQ(answer.exit_code, 0) << util::join(argv, " ") << "\n" << answer.text;
}

std::string compared(const Tree& left, const Tree& right) {
    return util::join(differences(left, right), "\n");
}

/// A tar of containers has no entry for the root itself.
Tree without_root(Tree tree) {
    tree.erase("/");
    return tree;
}

std::string digest_of(const std::string& path) {
    return ask({"sha256sum", path}).text.substr(0, 64);
}

TEST_P(TreeOutput, OfEachKindIsTheTreeOfTheDisk) {
    Workspace space(GetParam());
    space.must_build({"-t", "raw,tar,tgz,tar.zst,aci,squashfs", "fake-os", "odd-files"});
    const Tree disk = without_folder_links(read_image(space / "out/image.raw"));
    EXPECT_EQ(compared(disk, read_tree(space / "out/image.tar")), "");
    EXPECT_EQ(compared(disk, read_tree(space / "out/image.tgz")), "");
    EXPECT_EQ(compared(disk, read_tree(space / "out/image.aci", "rootfs/")), "");
    run({"zstd", "-qd", space / "out/image.tar.zst", "-o", space / "unpacked.tar"});
    EXPECT_EQ(compared(disk, read_tree(space / "unpacked.tar")), "");
}

TEST(TreeOutputAsRoot, IsUnpackedByTheUsualPrograms) {
    if (!reason_without_root().empty()) {
        GTEST_SKIP() << reason_without_root();
    }
    Workspace space;
    space.must_build({"-t", "raw,tar,squashfs", "fake-os", "odd-files"});
    const Tree disk = without_folder_links(read_image(space / "out/image.raw"));
    run({"unsquashfs", "-n", "-q", "-d", space / "squash", space / "out/image.squash"});
    EXPECT_EQ(compared(disk, read_tree(space / "squash")), "");
    fs::create_directory(space / "tar");
    run({"tar",
         "--numeric-owner",
         "--xattrs",
         "--xattrs-include=*",
         "-xpf",
         space / "out/image.tar",
         "-C",
         space / "tar"});
    EXPECT_EQ(compared(disk, read_tree(space / "tar")), "");
}

TEST_P(TreeOutput, HasHolesAndAccessLists) {
    Workspace space(GetParam());
    space.hook("e",
               "post-root.d/50-e",
               "truncate -s 100M $TMP_MOUNT_PATH/hole\n"
               "cd $TMP_MOUNT_PATH; truncate -s 10M part; echo end >> part\n"
               "setfacl -m u:1234:rw part; mkdir d; setfacl -d -m g:5:rwx d");
    space.must_build({"-t", "tar,raw", "fake-os", "e"});
    EXPECT_LT(fs::file_size(space / "out/image.tar"), 20U * 1024 * 1024);
    const Tree tar = read_tree(space / "out/image.tar");
    const Tree disk = without_folder_links(read_image(space / "out/image.raw"));
    EXPECT_EQ(tar.at("/hole"), disk.at("/hole"));
    EXPECT_THAT(tar.at("/part"), HasSubstr(" size=10485764 "));
    // "user:1234:rw-" in hexadecimal.
    EXPECT_THAT(tar.at("/part"), HasSubstr("757365723a3a7277"));
    const Answer list = ask({"bash", "-c", "tar --acls -tvvf " + space / "out/image.tar"});
    EXPECT_THAT(list.text, HasSubstr("user:1234:rw-"));
    EXPECT_THAT(list.text, HasSubstr("group:5:rwx"));
}

TEST_P(TreeOutput, NeedsNoDisk) {
    Workspace space(GetParam());
    const Finished result = space.build({"-t", "tar,tgz", "fake-os"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(space.list_without_records("out"), ElementsAre("image.tar", "image.tgz"));
    EXPECT_THAT(result.err, Not(HasSubstr("mke2fs")));
    EXPECT_THAT(space.build_log(), Not(HasSubstr(" disk ")));
}

TEST_P(TreeOutput, HasItsChecksums) {
    Workspace space(GetParam());
    space.environment["DIB_CHECKSUM"] = "sha256";
    space.must_build({"-t", "tar,squashfs,docker", "fake-os"});
    EXPECT_THAT(space.list_without_records("out"),
                ElementsAre("image.docker.tar",
                            "image.docker.tar.sha256",
                            "image.squash",
                            "image.squash.sha256",
                            "image.tar",
                            "image.tar.sha256"));
    const Answer sums = ask({"bash", "-c", "cd " + space / "out" + " && sha256sum -c *.sha256"});
    EXPECT_EQ(sums.exit_code, 0) << sums.text;
}

/// The blob of an unpacked image layout that a descriptor names; its size and digest must be true.
std::string blob(const fs::path& layout, const json& descriptor) {
    const std::string digest = descriptor.at("digest").get<std::string>();
    const std::string path = layout / "blobs/sha256" / digest.substr(7);
    EXPECT_EQ(fs::file_size(path), descriptor.at("size").get<std::uint64_t>());
    EXPECT_EQ("sha256:" + digest_of(path), digest);
    return path;
}

TEST_P(TreeOutput, ForContainersHoldsTheTreeAsALayer) {
    Workspace space(GetParam());
    space.must_build({"-t", "raw,oci", "--docker-target", "team/web:v1", "fake-os", "odd-files"});
    fs::create_directory(space / "oci");
    run({"tar", "-xf", space / "out/image.oci.tar", "-C", space / "oci"});
    EXPECT_EQ(space.read("oci/oci-layout"), R"({"imageLayoutVersion":"1.0.0"})");
    const json index = json::parse(space.read("oci/index.json"));
    const json& entry = index.at("manifests").at(0);
    EXPECT_EQ(entry.at("annotations").at("org.opencontainers.image.ref.name"), "v1");
    const json manifest = json::parse(util::read_file(blob(space / "oci", entry)));
    const json config = json::parse(util::read_file(blob(space / "oci", manifest.at("config"))));
    const std::string layer = blob(space / "oci", manifest.at("layers").at(0));
    EXPECT_EQ(config.at("os"), "linux");
    const Answer tar = ask({"bash", "-c", "gzip -dc " + layer + " | sha256sum"});
    EXPECT_EQ("sha256:" + tar.text.substr(0, 64), config.at("rootfs").at("diff_ids").at(0));
    const Tree disk = without_folder_links(read_image(space / "out/image.raw"));
    EXPECT_EQ(compared(without_root(disk), read_tree(layer)), "");
}

TEST_P(TreeOutput, ForDockerIsWhatDockerLoadTakes) {
    Workspace space(GetParam());
    space.must_build({"-o", "My Image", "-t", "docker,raw", "fake-os", "odd-files"});
    fs::create_directory(space / "docker");
    run({"tar", "-xf", space / "out/My Image.docker.tar", "-C", space / "docker"});
    const json entry = json::parse(space.read("docker/manifest.json")).at(0);
    EXPECT_EQ(entry.at("RepoTags"), json::array({"my-image:latest"}));
    const std::string config_name = entry.at("Config").get<std::string>();
    EXPECT_EQ(digest_of(space / ("docker/" + config_name)) + ".json", config_name);
    const json config = json::parse(space.read("docker/" + config_name));
    const std::string layer = space / ("docker/" + entry.at("Layers").at(0).get<std::string>());
    EXPECT_EQ("sha256:" + digest_of(layer), config.at("rootfs").at("diff_ids").at(0));
    const Tree disk = without_folder_links(read_image(space / "out/My Image.raw"));
    EXPECT_EQ(compared(without_root(disk), read_tree(layer)), "");
}

constexpr const char* k_all = "qcow2,raw,vhd,vhdx,vmdk,vdi,tar,tgz,tar.zst,squashfs,aci,oci,docker";

/// Lines "digest  name" of all outputs.
std::string digests_by(User user) {
    Workspace space(user);
    // Hooks see it, so the ids of the disk follow from it.
    space.environment.erase("KILN_TEST_MARK");
    space.must_build({"-t", k_all, "fake-os", "odd-files"});
    const std::vector<std::string> names = space.list_without_records("out");
    EXPECT_EQ(names.size(), 13U);
    return ask({"bash", "-c", "cd " + space / "out" + " && sha256sum " + util::join(names, " ")})
        .text;
}

TEST(EveryOutput, HasTheSameBytesEachTimeAndForAllUsers) {
    const std::string first = digests_by(current_user());
    EXPECT_EQ(first, digests_by(current_user()));
    if (reason_to_skip(User::root).empty() && reason_to_skip(User::plain).empty()) {
        EXPECT_EQ(first, digests_by(User::plain));
    }
}

TEST(EveryOutput, IsToldInTheOrderOfTheCommandLine) {
    Workspace space;
    const Finished result = space.build({"-t", "tar,raw,tgz,qcow2", "fake-os"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    std::string expected;
    for (const char* name : {"tar", "raw", "tgz", "qcow2"}) {
        expected += space / "out/image." + name + "\n";
    }
    EXPECT_EQ(result.out, expected);
}

TEST_P(TreeOutput, OfOtherHypervisorsIsTheSameDisk) {
    Workspace space(GetParam());
    space.must_build({"-t", "raw,vhd,vhdx,vmdk,vdi", "--image-size", "0.1234", "fake-os"});
    const std::string raw = space / "out/image.raw";
    for (const auto& [extension, name] : std::vector<std::pair<std::string, std::string>>{
             {"vhd", "vpc"}, {"vhdx", "vhdx"}, {"vmdk", "vmdk"}, {"vdi", "vdi"}}) {
        const std::string image = space / ("out/image." + extension);
        const Answer same = ask({"qemu-img", "compare", "-f", "raw", "-F", name, raw, image});
        EXPECT_EQ(same.exit_code, 0) << extension << ": " << same.text;
        const Answer info = ask({"qemu-img", "info", "--output=json", "-f", name, image});
        EXPECT_EQ(json::parse(info.text).at("virtual-size"), fs::file_size(raw)) << extension;
        if (extension != "vhd") {
            const Answer check = ask({"qemu-img", "check", "-f", name, image});
            EXPECT_EQ(check.exit_code, 0) << extension << ": " << check.text;
        }
    }
}

} // namespace
} // namespace kiln::tests
