#include "disk/qcow2_header.hpp"
#include "disk/raw_file.hpp"
#include "support.hpp"
#include "util/temp_dir.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

namespace kiln::disk {
namespace {

using testing::HasSubstr;
using tests::error_of;

constexpr std::uint64_t k_file_size = 400000;

void put(std::string& bytes, std::size_t at, std::size_t length, std::uint64_t number) {
    for (std::size_t i = 0; i < length; ++i) {
        bytes.at(at + length - 1 - i) = static_cast<char>((number >> (8 * i)) & 0xffU);
    }
}

/// As qemu-img makes one of 1 GiB with clusters of 64 KiB.
std::string good_header() {
    std::string bytes(k_qcow2_header_bytes, '\0');
    bytes.replace(0, 4, "QFI\xfb");
    put(bytes, 4, 4, 3);
    put(bytes, 20, 4, 16);
    put(bytes, 24, 8, std::uint64_t{1} << 30U);
    put(bytes, 36, 4, 2);
    put(bytes, 40, 8, 0x30000);
    put(bytes, 48, 8, 0x10000);
    put(bytes, 56, 4, 1);
    put(bytes, 96, 4, 4);
    put(bytes, 100, 4, 112);
    return bytes;
}

Qcow2Header read(const std::string& bytes) {
    return read_qcow2_header(bytes, k_file_size, "x.qcow2");
}

TEST(Qcow2Header, tells_the_size_of_the_disk) {
    const Qcow2Header header = read(good_header());
    EXPECT_EQ(header.version, 3U);
    EXPECT_EQ(header.cluster_bits, 16U);
    EXPECT_EQ(header.disk_size, std::uint64_t{1} << 30U);
}

TEST(Qcow2Header, takes_version_2_without_looking_at_later_fields) {
    std::string bytes = good_header();
    put(bytes, 4, 4, 2);
    put(bytes, 72, 8, ~0ULL);
    put(bytes, 100, 4, 3);
    // What follows the 72 bytes are header extensions.
    put(bytes, 72, 8, 0);
    EXPECT_EQ(read(bytes).version, 2U);
}

TEST(Qcow2Header, takes_zstd_and_snapshots) {
    std::string bytes = good_header();
    put(bytes, 72, 8, 8);
    put(bytes, 104, 1, 1);
    put(bytes, 60, 4, 3);
    put(bytes, 64, 8, 0x40000);
    EXPECT_NO_THROW(read(bytes));
}

struct BadField {
    std::string name;
    std::size_t at;
    std::size_t length;
    std::uint64_t value;
    std::string message;
};

class BadHeaders : public testing::TestWithParam<BadField> {};

TEST_P(BadHeaders, are_refused) {
    std::string bytes = good_header();
    const BadField& bad = GetParam();
    put(bytes, bad.at, bad.length, bad.value);
    const util::ErrorInfo error = error_of([&] { read(bytes); });
    EXPECT_THAT(error.what, HasSubstr("'x.qcow2' is refused: "));
    EXPECT_THAT(error.what, HasSubstr(bad.message));
}

std::string name_of(const testing::TestParamInfo<BadField>& bad) {
    return bad.param.name;
}

const std::vector<BadField> k_bad_fields = {
    {"magic", 0, 4, 0x51464900, "no qcow2"},
    {"version_1", 4, 4, 1, "version 1"},
    {"version_4", 4, 4, 4, "version 4"},
    {"backing_file", 8, 8, 0x200, "backing file"},
    {"backing_name_without_a_place", 16, 4, 10, "backing file"},
    {"tiny_clusters", 20, 4, 8, "cluster size"},
    {"huge_clusters", 20, 4, 22, "cluster size"},
    {"absurd_clusters", 20, 4, 0xffffffff, "cluster size"},
    {"no_disk", 24, 8, 0, "impossible size"},
    {"endless_disk", 24, 8, ~0ULL, "impossible size"},
    {"disk_beyond_its_table", 24, 8, std::uint64_t{2} << 30U, "too short for its disk"},
    {"encrypted", 32, 4, 1, "encrypted"},
    {"encrypted_by_luks", 32, 4, 2, "encrypted"},
    {"no_table", 36, 4, 0, "too short for its disk"},
    {"table_longer_than_the_file", 36, 4, 0xffffffff, "first-level table lies outside"},
    {"table_beyond_the_file", 40, 8, 0x1000000, "first-level table lies outside"},
    {"table_at_an_odd_place", 40, 8, 0x30001, "first-level table lies outside"},
    {"table_at_the_end_of_numbers", 40, 8, ~0ULL << 16U, "first-level table lies outside"},
    {"table_over_the_header", 40, 8, 0, "first-level table lies outside"},
    {"references_beyond_the_file", 48, 8, 0x7fff0000, "reference count table lies outside"},
    {"too_many_references", 56, 4, 0xffffffff, "reference count table lies outside"},
    {"corrupt", 72, 8, 2, "marked as corrupt"},
    {"data_file", 72, 8, 4, "another file"},
    {"extended_entries", 72, 8, 16, "not known"},
    {"unknown_feature", 72, 8, std::uint64_t{1} << 63U, "not known"},
    {"compression_without_its_field", 72, 8, 8, "compression"},
    {"reference_width", 96, 4, 7, "reference counts"},
    {"short_header", 100, 4, 96, "impossible length"},
    {"odd_header", 100, 4, 105, "impossible length"},
    {"long_header", 100, 4, 0x7fffffff, "impossible length"},
    {"extension_that_names_a_backing_format", 112, 4, 0xe2792aca, "another file"},
    {"extension_that_names_a_data_file", 112, 4, 0x44415441, "another file"},
    {"extension_without_end", 112, 8, 0x12345678ffffffff, "longer than the header"},
};

INSTANTIATE_TEST_SUITE_P(All, BadHeaders, testing::ValuesIn(k_bad_fields), name_of);

TEST(Qcow2Header, cut_off_anywhere_is_refused_and_not_read_beyond) {
    const std::string bytes = good_header();
    for (std::size_t length = 0; length < 112; ++length) {
        EXPECT_THAT(error_of([&] { read(bytes.substr(0, length)); }).what, HasSubstr("refused"));
    }
}

TEST(Qcow2Header, of_qemu_img_is_good) {
    KILN_NEEDS("qemu-img");
    const util::TempDir folder(std::filesystem::temp_directory_path(), "kiln-qcow2-");
    const std::string file = folder.path() / "x.qcow2";
    for (const char* options : {"compat=0.10",
                                "compat=1.1",
                                "compat=1.1,cluster_size=512",
                                "compat=1.1,cluster_size=2M,compression_type=zstd",
                                "compat=1.1,lazy_refcounts=on,refcount_bits=1"}) {
        tests::output_of({"qemu-img", "create", "-q", "-f", "qcow2", "-o", options, file, "3G"});
        const RawFile raw = RawFile::open_readable(file);
        const std::size_t length = std::min<std::size_t>(raw.size(), k_qcow2_header_bytes);
        EXPECT_EQ(read_qcow2_header(raw.read(0, length), raw.size(), file).disk_size,
                  std::uint64_t{3} << 30U)
            << options;
    }
}

} // namespace
} // namespace kiln::disk
