#include "disk/qcow2_map.hpp"
#include "disk/raw_file.hpp"
#include "support.hpp"
#include "util/temp_dir.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <filesystem>

namespace kiln::disk {
namespace {

std::uint64_t big_endian_at(const std::string& bytes, std::size_t at, std::size_t length) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < length; ++i) {
        value = (value << 8U) | static_cast<unsigned char>(bytes.at(at + i));
    }
    return value;
}

constexpr std::uint64_t k_disk_size = std::uint64_t{1} << 30U;

/// The tables of a finished map of 1 GiB: second level (one), first level, counts, header.
struct Tables {
    std::string second;
    std::string first;
    std::string counts;
    std::string header;
};

Tables finish(Qcow2Map& map) {
    const std::vector<Patch> patches = map.finish(Qcow2Version::v3, Compression::zstd);
    EXPECT_EQ(patches.size(), 4U);
    EXPECT_EQ(big_endian_at(patches.at(1).bytes, 0, 8),
              patches.at(0).offset | (std::uint64_t{1} << 63U));
    return {patches.at(0).bytes, patches.at(1).bytes, patches.at(2).bytes, patches.at(3).bytes};
}

std::uint64_t count_of(const Tables& tables, std::uint64_t cluster) {
    return big_endian_at(tables.counts, k_qcow2_cluster + 2 * cluster, 2);
}

TEST(Qcow2Map, packed_clusters_lie_one_after_the_other) {
    Qcow2Map map(k_disk_size);
    EXPECT_EQ(map.add_packed(0, 1000), k_qcow2_cluster);
    EXPECT_EQ(map.add_packed(3, 60000), k_qcow2_cluster + 1000);
    EXPECT_EQ(map.add_packed(4, 10000), k_qcow2_cluster + 61000);
    const Tables tables = finish(map);
    // Host cluster 1 has a part of all three, 2 has the rest of the last.
    EXPECT_EQ(count_of(tables, 1), 3U);
    EXPECT_EQ(count_of(tables, 2), 1U);
    const std::uint64_t compressed = std::uint64_t{1} << 62U;
    // From byte 1000, in sector 1, to byte 61000, in sector 119: 118 further sectors.
    EXPECT_EQ(big_endian_at(tables.second, 3 * 8, 8),
              compressed | (std::uint64_t{118} << 54U) | (k_qcow2_cluster + 1000));
    EXPECT_EQ(big_endian_at(tables.second, 1 * 8, 8), 0U);
}

TEST(Qcow2Map, a_plain_cluster_is_aligned_and_small_ones_still_fill_the_gap) {
    Qcow2Map map(k_disk_size);
    EXPECT_EQ(map.add_packed(0, 1000), k_qcow2_cluster);
    EXPECT_EQ(map.add_plain(1), 2 * k_qcow2_cluster);
    EXPECT_EQ(map.add_packed(2, 2000), k_qcow2_cluster + 1000);
    // Too large for what is left there.
    EXPECT_EQ(map.add_packed(5, 65000), 3 * k_qcow2_cluster);
    const Tables tables = finish(map);
    EXPECT_EQ(count_of(tables, 1), 2U);
    EXPECT_EQ(count_of(tables, 2), 1U);
    EXPECT_EQ(count_of(tables, 3), 1U);
    EXPECT_EQ(big_endian_at(tables.second, 8, 8),
              (std::uint64_t{1} << 63U) | (2 * k_qcow2_cluster));
}

TEST(Qcow2Map, a_packed_cluster_may_end_with_its_host_cluster) {
    Qcow2Map map(k_disk_size);
    EXPECT_EQ(map.add_packed(0, 65000), k_qcow2_cluster);
    EXPECT_EQ(map.add_packed(1, 536), k_qcow2_cluster + 65000);
    EXPECT_EQ(map.add_packed(2, 1), 2 * k_qcow2_cluster);
    const Tables tables = finish(map);
    EXPECT_EQ(count_of(tables, 1), 2U);
    EXPECT_EQ(count_of(tables, 2), 1U);
}

TEST(Qcow2Map, every_cluster_of_the_file_is_counted) {
    Qcow2Map map(k_disk_size);
    map.add_plain(7);
    const Tables tables = finish(map);
    // Header, data, a table of each level, the table of the counts and its one block.
    EXPECT_EQ(map.file_size(), 6 * k_qcow2_cluster);
    for (std::uint64_t cluster = 0; cluster < 6; ++cluster) {
        EXPECT_EQ(count_of(tables, cluster), 1U) << cluster;
    }
    EXPECT_EQ(tables.counts.size(), k_qcow2_cluster + 6 * 2);
}

TEST(Qcow2Map, of_a_large_disk_has_no_mistake_for_qemu_img) {
    KILN_NEEDS("qemu-img");
    const util::TempDir folder(std::filesystem::temp_directory_path(), "kiln-map-");
    const std::string path = folder.path() / "disk.qcow2";
    // Tables only, the data is a hole. The reference counts fit in one block, just not, and in 36.
    const std::uint64_t block = k_qcow2_cluster / 2;
    for (const std::uint64_t clusters : {block - 40, block - 7, block, 35 * block}) {
        Qcow2Map map(clusters * k_qcow2_cluster);
        for (std::uint64_t cluster = 0; cluster < clusters; ++cluster) {
            map.add_plain(cluster);
        }
        const RawFile file = RawFile::create(path, 0);
        file.write(map.finish(Qcow2Version::v3, Compression::none));
        ASSERT_EQ(::ftruncate(file.fd(), static_cast<off_t>(map.file_size())), 0);
        EXPECT_THAT(tests::output_of({"qemu-img", "check", "-f", "qcow2", path}),
                    testing::HasSubstr("No errors were found"))
            << clusters;
    }
}

TEST(Qcow2Map, the_header_tells_of_zstd_by_number_and_by_name) {
    Qcow2Map map(k_disk_size);
    const std::string header = map.finish(Qcow2Version::v3, Compression::zstd).back().bytes;
    EXPECT_EQ(big_endian_at(header, 72, 8), 8U);
    EXPECT_EQ(big_endian_at(header, 100, 4), 112U);
    EXPECT_EQ(header.at(104), 1);
    EXPECT_EQ(header.substr(122, 16), "compression type");
    Qcow2Map other(k_disk_size);
    const std::string zlib = other.finish(Qcow2Version::v3, Compression::zlib).back().bytes;
    EXPECT_EQ(big_endian_at(zlib, 72, 8), 0U);
    EXPECT_EQ(zlib.at(104), 0);
    Qcow2Map old(k_disk_size);
    EXPECT_EQ(old.finish(Qcow2Version::v2, Compression::zlib).back().bytes.size(), 72U);
}

} // namespace
} // namespace kiln::disk
