#include "disk/checksums.hpp"
#include "disk/qcow2_header.hpp"
#include "disk/qcow2_writer.hpp"
#include "disk/raw_file.hpp"
#include "disk/sizes.hpp"
#include "support.hpp"
#include "util/fd.hpp"
#include "util/temp_dir.hpp"

#include <gmock/gmock.h>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <random>

namespace kiln::disk {
namespace {

using testing::HasSubstr;
using tests::error_of;
using tests::output_of;
namespace fs = std::filesystem;

constexpr std::uint64_t k_gib = 1024 * k_mebibyte;

class Qcow2Writer : public testing::Test {
protected:
    static std::string noise(std::size_t length) {
        static std::mt19937 random(1); // NOLINT(cert-msc51-cpp): the same bytes each time
        std::string bytes(length, '\0');
        for (char& byte : bytes) {
            byte = static_cast<char>(random());
        }
        return bytes;
    }

    RawFile new_disk(std::uint64_t size) const { return RawFile::create(raw_, size); }

    Qcow2Header header() const {
        const RawFile file = RawFile::open_readable(qcow2_);
        const std::size_t length = std::min<std::uint64_t>(file.size(), k_qcow2_header_bytes);
        return read_qcow2_header(file.read(0, length), file.size(), qcow2_);
    }

    /// QEMU finds no mistake in it, and the same disk.
    void expect_same_disk() const {
        EXPECT_THAT(output_of({"qemu-img", "check", "-f", "qcow2", qcow2_}),
                    HasSubstr("No errors were found"));
        EXPECT_THAT(output_of({"qemu-img", "compare", "-f", "raw", "-F", "qcow2", raw_, qcow2_}),
                    HasSubstr("identical"));
    }

    std::string info() const { return output_of({"qemu-img", "info", "--output=json", qcow2_}); }

    std::uint64_t written(const Qcow2Options& options) const {
        write_qcow2(raw_, qcow2_, options);
        return fs::file_size(qcow2_);
    }

    util::TempDir folder_{fs::temp_directory_path(), "kiln-qcow2-"};
    std::string raw_ = folder_.path() / "disk.raw";
    std::string qcow2_ = folder_.path() / "disk.qcow2";
};

TEST_F(Qcow2Writer, holds_the_same_disk_whatever_the_disk_holds) {
    KILN_NEEDS("qemu-img");
    std::mt19937 random(7); // NOLINT(cert-msc51-cpp): the same disks each time
    const auto number = [&](std::uint64_t limit) {
        return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random);
    };
    for (const Compression compression :
         {Compression::zstd, Compression::zlib, Compression::none, Compression::zstd}) {
        for (int round = 0; round < 4; ++round) {
            const std::uint64_t size = 1 + number((round % 2 == 0 ? 8 : 3000) * k_mebibyte);
            const RawFile disk = new_disk(size);
            for (std::uint64_t pieces = number(40); pieces > 0; --pieces) {
                const std::uint64_t offset = number(size);
                const std::uint64_t length = 1 + number(std::min(size - offset, 300000UL));
                const bool packs = number(2) == 0;
                disk.write(offset, packs ? std::string(length, 'x') : noise(length));
            }
            write_qcow2(raw_, qcow2_, {.compression = compression});
            SCOPED_TRACE("size " + std::to_string(size));
            expect_same_disk();
            EXPECT_EQ(header().disk_size, (size + 511) / 512 * 512);
        }
    }
}

TEST_F(Qcow2Writer, gives_the_same_bytes_with_any_number_of_threads) {
    const RawFile disk = new_disk(40 * k_mebibyte);
    for (std::uint64_t i = 0; i < 200; ++i) {
        disk.write(i * 200000, i % 3 == 0 ? noise(90000) : std::string(50000 + 300 * i, 'a'));
    }
    for (const Compression compression : {Compression::zstd, Compression::zlib}) {
        write_qcow2(raw_, qcow2_, {.compression = compression, .threads = 1});
        const std::string one = util::read_file(qcow2_);
        for (const unsigned threads : {0U, 2U, 3U, 16U}) {
            write_qcow2(raw_, qcow2_, {.compression = compression, .threads = threads});
            EXPECT_TRUE(util::read_file(qcow2_) == one) << threads;
        }
    }
}

TEST_F(Qcow2Writer, stores_neither_holes_nor_zeros) {
    KILN_NEEDS("qemu-img");
    const RawFile disk = new_disk(100 * k_gib);
    disk.write(20 * k_gib, std::string(5 * k_mebibyte, '\0'));
    EXPECT_LE(written({}), 5 * k_qcow2_cluster);
    expect_same_disk();
    new_disk(0);
    write_qcow2(raw_, qcow2_);
    expect_same_disk();
}

TEST_F(Qcow2Writer, needs_tables_for_what_is_there_only) {
    KILN_NEEDS("qemu-img");
    const RawFile disk = new_disk(6000 * k_gib);
    for (const std::uint64_t gibibyte : {0U, 17U, 4500U, 5999U}) {
        disk.write(gibibyte * k_gib + 5, "a word");
    }
    // Header, packed data, four tables of the second level, two clusters for the first, counts.
    EXPECT_LE(written({}), 10 * k_qcow2_cluster);
    EXPECT_EQ(header().first_table_entries, 12000U);
    expect_same_disk();
}

TEST_F(Qcow2Writer, is_plain_to_openstack) {
    KILN_NEEDS("qemu-img");
    new_disk(3 * k_mebibyte).write(70000, noise(10) + std::string(5000, 'x'));
    write_qcow2(raw_, qcow2_);
    EXPECT_EQ(header().version, 3U);
    EXPECT_EQ(header().cluster_bits, 16U);
    const std::string text = info();
    for (const char* fact : {"\"compression-type\": \"zstd\"",
                             "\"compat\": \"1.1\"",
                             "\"extended-l2\": false",
                             "\"refcount-bits\": 16",
                             "\"lazy-refcounts\": false",
                             "\"virtual-size\": 3145728"}) {
        EXPECT_THAT(text, HasSubstr(fact));
    }
    EXPECT_THAT(text, testing::Not(HasSubstr("backing")));
    EXPECT_THAT(text, testing::Not(HasSubstr("data-file")));
}

TEST_F(Qcow2Writer, writes_version_2_for_old_readers) {
    KILN_NEEDS("qemu-img");
    new_disk(9 * k_mebibyte).write(k_mebibyte - 1, std::string(3 * k_mebibyte, 'y') + noise(99999));
    write_qcow2(raw_, qcow2_, {.compression = Compression::zlib, .version = Qcow2Version::v2});
    EXPECT_EQ(header().version, 2U);
    EXPECT_THAT(info(), HasSubstr("\"compat\": \"0.10\""));
    expect_same_disk();
}

TEST_F(Qcow2Writer, is_no_larger_than_what_qemu_img_makes) {
    KILN_NEEDS("qemu-img");
    const RawFile disk = new_disk(64 * k_mebibyte);
    std::uint64_t offset = 0;
    for (const auto& file : fs::directory_iterator("/usr/bin")) {
        if (file.is_regular_file() && offset < 30 * k_mebibyte) {
            const std::string bytes = util::read_file(file.path());
            disk.write(offset, bytes.substr(0, 2 * k_mebibyte));
            offset += (bytes.size() + 4095) / 4096 * 4096;
        }
    }
    const std::string other = folder_.path() / "other.qcow2";
    for (const auto& [compression, type] :
         {std::pair(Compression::zstd, "zstd"), std::pair(Compression::zlib, "zlib")}) {
        output_of({"qemu-img",
                   "convert",
                   "-c",
                   "-O",
                   "qcow2",
                   "-f",
                   "raw",
                   "-o",
                   std::string("compression_type=") + type,
                   raw_,
                   other});
        EXPECT_LE(written({.compression = compression}), fs::file_size(other) * 101 / 100) << type;
    }
}

TEST_F(Qcow2Writer, is_not_finished_when_writing_fails) {
    const RawFile disk = new_disk(30 * k_mebibyte);
    disk.write(0, noise(20 * k_mebibyte));
    const auto previous = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit small{.rlim_cur = 5 * k_mebibyte, .rlim_max = limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    const util::ErrorInfo error = error_of([&] { write_qcow2(raw_, qcow2_, {.threads = 4}); });
    setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, previous);
    EXPECT_THAT(error.what, HasSubstr("cannot write '" + qcow2_ + "'"));
    EXPECT_FALSE(is_qcow2(RawFile::open_readable(qcow2_).read(0, 4)));
}

TEST_F(Qcow2Writer, names_a_disk_that_cannot_be_read) {
    EXPECT_THAT(error_of([&] { write_qcow2(raw_, qcow2_); }).what, HasSubstr(raw_));
    EXPECT_FALSE(fs::exists(qcow2_));
}

} // namespace
} // namespace kiln::disk
