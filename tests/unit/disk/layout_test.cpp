#include "disk/layout.hpp"
#include "support.hpp"

#include <gmock/gmock.h>

namespace kiln::disk {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using tests::error_of;
using tests::layout_of;

constexpr const char* k_tree = R"(
- local_loop:
    name: image0
- partitioning:
    base: image0
    label: gpt
    partitions:
      - name: ESP
        type: 'EF00'
        size: 64MiB
        mkfs:
          type: vfat
          label: esp
          mount:
            mount_point: /boot/efi
            fstab: {options: "umask=0077", fsck-passno: 2}
      - {name: BSP, type: 'EF02', size: 8MiB}
      - name: root
        size: 100%
        mkfs:
          type: ext4
          mount:
            mount_point: /
            fstab: {options: "rw,relatime", fsck-passno: 1}
)";

constexpr const char* k_graph = R"(
- local_loop: {name: image0}
- partitioning:
    base: image0
    label: gpt
    partitions:
      - {name: ESP, type: 'EF00', size: 64MiB}
      - {name: BSP, type: 'EF02', size: 8MiB}
      - {name: root, size: 100%}
- mkfs: {base: ESP, type: vfat, label: esp}
- mkfs: {base: root, type: ext4}
- mount: {base: mkfs_ESP, mount_point: /boot/efi}
- mount: {base: mkfs_root, mount_point: /}
- fstab: {base: mount_mkfs_ESP, options: "umask=0077", fsck-passno: 2}
- fstab: {base: mount_mkfs_root, options: "rw,relatime", fsck-passno: 1}
)";

TEST(Layout, tree_form_is_read) {
    const Layout layout = layout_of(k_tree);
    EXPECT_EQ(layout.table, TableKind::gpt);
    ASSERT_EQ(layout.partitions.size(), 3U);
    EXPECT_EQ(layout.partitions[0].size.bytes, 64U * 1024 * 1024);
    EXPECT_EQ(layout.partitions[2].size.percent, 100);
    EXPECT_EQ(layout.partitions[2].type, "8300");
    ASSERT_EQ(layout.filesystems.size(), 2U);
    EXPECT_EQ(layout.filesystems[0].name, "mkfs_root");
    EXPECT_EQ(layout.filesystems[0].label, "cloudimg-rootfs");
    EXPECT_EQ(layout.filesystems[1].label, "ESP");
    EXPECT_EQ(layout.filesystems[1].partition, "ESP");
}

TEST(Layout, tree_and_graph_form_mean_the_same) {
    EXPECT_EQ(make_fstab(layout_of(k_tree)), make_fstab(layout_of(k_graph)));
    EXPECT_EQ(layout_of(k_graph).filesystems[0].name, "mkfs_root");
}

TEST(Layout, fstab_is_in_mount_order) {
    EXPECT_EQ(make_fstab(layout_of(k_tree)),
              "LABEL=cloudimg-rootfs / ext4 rw,relatime 0 1\n"
              "LABEL=ESP /boot/efi vfat umask=0077 0 2\n");
}

TEST(Layout, a_mount_without_fstab_has_no_line_and_fields_have_defaults) {
    const Layout layout = layout_of("- local_loop: {name: image0}\n"
                                    "- partitioning:\n"
                                    "    base: image0\n"
                                    "    label: mbr\n"
                                    "    partitions:\n"
                                    "    - {name: log, size: 1GiB, mkfs: {type: ext4, label: log, "
                                    "mount: {mount_point: /var/log, fstab: {}}}}\n"
                                    "    - {name: var, size: 1GiB, mkfs: {type: ext4, label: var, "
                                    "mount: {mount_point: /var}}}\n");
    EXPECT_EQ(make_fstab(layout), "LABEL=log /var/log ext4 defaults 0 2\n");
    EXPECT_EQ(layout.filesystems[0].mount_point, "/var");
}

TEST(Layout, flat_layout_is_one_filesystem_on_the_whole_disk) {
    const Layout layout =
        flat_layout({.root_label = "r", .root_type = "ext3", .root_options = {"-m", "1"}});
    EXPECT_EQ(layout.table, TableKind::none);
    ASSERT_EQ(layout.filesystems.size(), 1U);
    EXPECT_EQ(layout.filesystems[0].type, FilesystemType::ext3);
    EXPECT_EQ(layout.filesystems[0].partition, "");
    EXPECT_EQ(layout.filesystems[0].options, (std::vector<std::string>{"-m", "1"}));
    EXPECT_EQ(make_fstab(layout), "LABEL=r / ext3 defaults 0 1\n");
}

TEST(Layout, mbr_flags_and_types_are_read) {
    const Layout layout =
        layout_of("- local_loop: {name: image0, size: 3GiB}\n"
                  "- partitioning:\n"
                  "    base: image0\n"
                  "    label: mbr\n"
                  "    partitions:\n"
                  "    - {name: root, type: '0x0c', flags: [boot, primary], size: 100%}\n");
    EXPECT_EQ(layout.disk_size, 3ULL << 30U);
    EXPECT_TRUE(layout.partitions[0].boot);
    EXPECT_TRUE(layout.partitions[0].primary);
    EXPECT_EQ(layout.partitions[0].type, "0C");
}

struct BadLayout {
    std::string name;
    std::string yaml;
    std::string what;
    std::string hint;
};

class LayoutErrors : public testing::TestWithParam<BadLayout> {};

TEST_P(LayoutErrors, name_place_and_cause) {
    const util::ErrorInfo error = error_of([] { layout_of(GetParam().yaml); });
    EXPECT_EQ(error.code, util::ExitCode::usage);
    EXPECT_THAT(error.what, StartsWith("layout.yaml:"));
    EXPECT_THAT(error.what, HasSubstr(GetParam().what));
    EXPECT_THAT(error.hint, HasSubstr(GetParam().hint));
}

const std::string k_disk = "- local_loop: {name: image0}\n";

std::string partitioned(const std::string& label, const std::string& partition) {
    return k_disk + "- partitioning: {base: image0, label: " + label + ", partitions: [" +
           partition + "]}\n";
}

std::string two_filesystems(const std::string& first, const std::string& second) {
    return partitioned("gpt",
                       "{name: a, size: 1GiB, mkfs: {type: ext4, " + first +
                           "}}, {name: b, size: 1GiB, mkfs: {type: ext4, " + second + "}}");
}

INSTANTIATE_TEST_SUITE_P(
    Cases,
    LayoutErrors,
    testing::Values(
        BadLayout{"plugin", k_disk + "- mkfz: {}\n", "unknown layout plugin 'mkfz'", "mkfs"},
        BadLayout{"lvm", k_disk + "- lvm: {name: lvm}\n", "not supported yet", "plain"},
        BadLayout{"two_keys", "- local_loop: {}\n  mkfs: {}\n", "should be a single", "- mkfs"},
        BadLayout{"duplicate",
                  k_disk + "- mkfs: {name: image0, base: image0, type: ext4}\n",
                  "duplicate node name: 'image0'",
                  ""},
        BadLayout{"edge",
                  k_disk + "- mkfs: {name: x, base: image1, type: ext4}\n",
                  "edge not defined: there is no node 'image1'",
                  "image0"},
        BadLayout{
            "key", k_disk + "- mkfs: {base: image0, typ: ext4}\n", "unknown key 'typ'", "type"},
        BadLayout{
            "xfs", k_disk + "- mkfs: {base: image0, type: xfs}\n", "not supported yet", "ext4"},
        BadLayout{
            "type", k_disk + "- mkfs: {base: image0, type: ext5}\n", "unknown filesystem", "ext4"},
        BadLayout{
            "size", partitioned("gpt", "{name: a, size: 5Foo}"), "'5Foo' is not a size", "MiB"},
        BadLayout{"no_size", partitioned("gpt", "{name: a}"), "has no 'size'", ""},
        BadLayout{"label", partitioned("bsd", "{name: a, size: 1}"), "must be mbr or gpt", ""},
        BadLayout{"flag", partitioned("mbr", "{name: a, size: 1, flags: [bot]}"), "'bot'", "boot"},
        BadLayout{"primary_gpt",
                  partitioned("gpt", "{name: a, size: 1, flags: [primary]}"),
                  "makes no sense",
                  ""},
        BadLayout{"gpt_type",
                  partitioned("gpt", "{name: a, size: 1, type: EF03}"),
                  "unknown GPT partition type",
                  "EF0"},
        BadLayout{
            "same_label", two_filesystems("label: x", "label: x"), "used more than once", "label"},
        BadLayout{"long_label",
                  two_filesystems("label: x2345678901234567", "label: y"),
                  "too long",
                  "16"},
        BadLayout{"same_mount",
                  two_filesystems("mount: {mount_point: /a}", "mount: {mount_point: /a/}"),
                  "specified more than once",
                  ""},
        BadLayout{"no_disk", "[]", "no 'local_loop'", "local_loop"}),
    [](const auto& test_case) { return test_case.param.name; });

} // namespace
} // namespace kiln::disk
