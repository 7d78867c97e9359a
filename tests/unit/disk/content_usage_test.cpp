#include "disk/content_usage.hpp"
#include "disk/sizes.hpp"
#include "support.hpp"
#include "util/temp_dir.hpp"

#include <filesystem>
#include <fstream>

namespace kiln::disk {
namespace {

namespace fs = std::filesystem;

TEST(ContentUsage, links_count_once_and_holes_not_at_all) {
    const util::TempDir folder(fs::temp_directory_path(), "kiln-usage-");
    const fs::path& root = folder.path();
    fs::create_directories(root / "a");
    std::ofstream(root / "a/file") << std::string(10'000, 'x');
    fs::create_hard_link(root / "a/file", root / "a/again");
    std::ofstream(root / "hole").close();
    fs::resize_file(root / "hole", 100 * k_mebibyte);
    fs::create_symlink("/somewhere", root / "link");
    const ContentUsage usage = measure_usage(util::RootDir(root), "/", {});
    EXPECT_EQ(usage.inodes, 5U);
    EXPECT_EQ(usage.bytes, 2 * 4096U + 12288U);
}

TEST(ContentUsage, folders_count_by_the_names_in_them) {
    const util::TempDir folder(fs::temp_directory_path(), "kiln-usage-");
    const auto usage = [&] { return measure_usage(util::RootDir(folder.path()), "/", {}).bytes; };
    const auto path = [&](int number) {
        return folder.path() / (std::string(200, 'x') + std::to_string(number));
    };
    for (int number = 0; number < 100; ++number) {
        std::ofstream(path(number)).close();
    }
    EXPECT_EQ(usage(), 6 * 4096U);
    // A folder of the host's ext4 does not shrink when its files go.
    for (int number = 0; number < 100; ++number) {
        fs::remove(path(number));
    }
    EXPECT_EQ(usage(), 4096U);
}

TEST(ContentUsage, each_filesystem_counts_without_those_below_it) {
    const disk::Layout layout =
        tests::layout_of("- local_loop: {name: image0}\n"
                         "- partitioning:\n"
                         "    base: image0\n"
                         "    label: gpt\n"
                         "    partitions:\n"
                         "    - {name: v, size: 1GiB, mkfs: {name: var, type: ext4, mount: "
                         "{mount_point: /var}}}\n"
                         "    - {name: r, size: 100%, mkfs: {name: root, type: ext4, mount: "
                         "{mount_point: /}}}\n");
    const util::TempDir folder(fs::temp_directory_path(), "kiln-usage-");
    fs::create_directories(folder.path() / "var");
    fs::create_directories(folder.path() / "various");
    std::ofstream(folder.path() / "var/file") << std::string(4096, 'x');
    const Contents contents = measure_contents(layout, util::RootDir(folder.path()));
    EXPECT_EQ(contents.at("var").inodes, 2U);
    EXPECT_EQ(contents.at("root").inodes, 3U);
    EXPECT_EQ(mount_points_below(layout, layout.filesystems[0]),
              (std::vector<std::string>{"/var"}));
}

} // namespace
} // namespace kiln::disk
