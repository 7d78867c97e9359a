#include "disk/checksums.hpp"
#include "disk/formats.hpp"
#include "disk/qcow2_header.hpp"
#include "disk/raw_file.hpp"
#include "disk/sizes.hpp"
#include "support.hpp"
#include "support/fake_runner.hpp"
#include "util/atomic_file.hpp"
#include "util/digest.hpp"
#include "util/fd.hpp"
#include "util/temp_dir.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <filesystem>

namespace kiln::disk {
namespace {

using testing::HasSubstr;
using tests::error_of;
using Words = std::vector<std::string>;
namespace fs = std::filesystem;

class Formats : public testing::Test {
protected:
    void SetUp() override {
        const RawFile file = RawFile::create(raw_, 64 * k_mebibyte);
        file.write({.offset = 3 * k_mebibyte, .bytes = "some data"});
        file.write({.offset = 40 * k_mebibyte, .bytes = std::string(k_mebibyte, 'x')});
    }

    static std::uint64_t stored(const std::string& path) {
        struct stat status {};

        EXPECT_EQ(::stat(path.c_str(), &status), 0);
        return static_cast<std::uint64_t>(status.st_blocks) * k_sector;
    }

    util::TempDir folder_{fs::temp_directory_path(), "kiln-formats-"};
    std::string raw_ = folder_.path() / "disk.raw";
    std::string copy_ = folder_.path() / "copy";
    tests::FakeRunner runner_;
};

TEST_F(Formats, names_are_parsed_without_duplicates) {
    EXPECT_EQ(parse_formats("qcow2,raw,qcow2"),
              (std::vector<ImageFormat>{ImageFormat::qcow2, ImageFormat::raw}));
    EXPECT_EQ(format_info(ImageFormat::qcow2).extension, "qcow2");
    const util::ErrorInfo error = error_of([] { parse_formats("raw,qcow"); });
    EXPECT_EQ(error.code, util::ExitCode::usage);
    EXPECT_EQ(error.what, "unknown image format 'qcow'");
    EXPECT_EQ(error.hint, "did you mean 'qcow2'?");
    EXPECT_EQ(error_of([] { parse_formats(","); }).code, util::ExitCode::usage);
    EXPECT_EQ(error_of([] { parse_compression("lzma"); }).code, util::ExitCode::usage);
}

TEST_F(Formats, a_qcow2_needs_qemu_img_only_for_options_that_kiln_does_not_have) {
    const std::vector<std::pair<std::string, unsigned>> owns = {
        {"", 3}, {"compat=1.1", 3}, {"compat=v3", 3}, {"compat=0.10", 2}, {"compat=v2", 2}};
    for (const auto& [own, version] : owns) {
        EXPECT_FALSE(needs_qemu_img(ImageFormat::qcow2, {.qemu_options = own})) << own;
        make_image({.raw_path = raw_,
                    .format = ImageFormat::qcow2,
                    .options = {.qemu_options = own},
                    .temporary_path = copy_},
                   runner_);
        EXPECT_EQ(read_qcow2_header(util::read_file(copy_), fs::file_size(copy_), copy_).version,
                  version)
            << own;
    }
    EXPECT_TRUE(runner_.commands.empty());
    for (const char* other : {"cluster_size=2M", "compat=0.10,cluster_size=2M", "compat=2"}) {
        EXPECT_TRUE(needs_qemu_img(ImageFormat::qcow2, {.qemu_options = other})) << other;
    }
    EXPECT_TRUE(needs_qemu_img(ImageFormat::vhd, {}));
    EXPECT_FALSE(needs_qemu_img(ImageFormat::raw, {}));
    EXPECT_FALSE(needs_qemu_img(ImageFormat::tar, {}));
}

TEST_F(Formats, other_qcow2_options_become_arguments_of_qemu_img) {
    util::write_file_atomically(copy_, "as if qemu-img had written it");
    ImageJob job{.raw_path = "a", .format = ImageFormat::qcow2, .temporary_path = copy_};
    job.options = {.compression = Compression::zlib, .qemu_options = "cluster_size=2M"};
    make_image(job, runner_);
    job.options = {.compression = Compression::zstd, .qemu_options = "cluster_size=2M"};
    make_image(job, runner_);
    job.options = {.compression = Compression::zstd, .qemu_options = "compat=0.10,cluster_size=2M"};
    make_image(job, runner_);
    const Words start = {"qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-c", "-o"};
    const auto with = [&](const std::string& options) {
        Words words = start;
        words.insert(words.end(), {options, "a", copy_});
        return words;
    };
    EXPECT_EQ(runner_.commands.at(0).argv, with("compat=1.1,cluster_size=2M"));
    EXPECT_EQ(runner_.commands.at(1).argv,
              with("compression_type=zstd,compat=1.1,cluster_size=2M"));
    EXPECT_EQ(runner_.commands.at(2).argv, with("compat=0.10,cluster_size=2M"));
}

TEST_F(Formats, digests_of_the_file_come_with_it) {
    for (const ImageFormat format : {ImageFormat::qcow2, ImageFormat::raw}) {
        ImageJob job{.raw_path = raw_, .format = format, .temporary_path = copy_};
        EXPECT_EQ(make_image(job, runner_).sha256, "");
        job.digests = {.sha256 = true};
        const Checksums checksums = make_image(job, runner_);
        EXPECT_EQ(checksums.sha256, util::sha256(util::read_file(copy_)));
        EXPECT_EQ(checksums.md5, "");
    }
}

TEST_F(Formats, of_other_hypervisors_are_the_same_bytes_each_time) {
    process::PosixRunner runner;
    for (const ImageFormat format :
         {ImageFormat::vhd, ImageFormat::vhdx, ImageFormat::vmdk, ImageFormat::vdi}) {
        const std::string name(format_info(format).name);
        std::vector<std::string> bytes;
        for (const char* seed : {"one", "one", "other"}) {
            make_image({.raw_path = raw_,
                        .format = format,
                        .temporary_path = copy_,
                        .ids = {.seed = seed, .epoch = 1704067200, .file_name = "web." + name}},
                       runner);
            bytes.push_back(util::read_file(copy_));
        }
        EXPECT_TRUE(bytes[0] == bytes[1]) << name;
        EXPECT_FALSE(bytes[0] == bytes[2]) << name << " has no id of its own";
        EXPECT_EQ(bytes[0].find(folder_.path().filename().string()), std::string::npos) << name;
        const process::Result same = runner.run({.argv = {"qemu-img",
                                                          "compare",
                                                          "-f",
                                                          "raw",
                                                          "-F",
                                                          format == ImageFormat::vhd ? "vpc" : name,
                                                          raw_,
                                                          copy_},
                                                 .environment = process::tool_environment()});
        EXPECT_EQ(same.exit_code, 0) << name << ": " << same.out << same.err;
    }
}

TEST_F(Formats, that_need_only_the_tree_are_known_as_such) {
    for (const ImageFormat format : parse_formats("tar,tgz,tar.zst,squashfs,aci,oci,docker")) {
        EXPECT_EQ(format_info(format).source, FormatSource::tree);
        ImageJob job{.raw_path = raw_, .format = format, .temporary_path = copy_};
        EXPECT_THAT(error_of([&] { make_image(job, runner_); }).what, HasSubstr("not made from"));
    }
    EXPECT_EQ(format_info(ImageFormat::squashfs).extension, "squash");
}

TEST_F(Formats, checksums_are_asked_for_by_name_or_by_one) {
    const auto kinds = [](const char* text) {
        const ChecksumKinds found = parse_checksum_kinds(text);
        return std::pair(found.md5, found.sha256);
    };
    EXPECT_EQ(kinds("1"), std::pair(true, true));
    EXPECT_EQ(kinds("md5,sha256"), std::pair(true, true));
    EXPECT_EQ(kinds("md5"), std::pair(true, false));
    EXPECT_EQ(kinds("sha256"), std::pair(false, true));
    EXPECT_EQ(kinds("0"), std::pair(false, false));
    EXPECT_EQ(kinds(""), std::pair(false, false));
    const util::ErrorInfo error = error_of([] { parse_checksum_kinds("sha265"); });
    EXPECT_EQ(error.code, util::ExitCode::usage);
    EXPECT_EQ(error.hint, "did you mean 'sha256'?");
}

TEST_F(Formats, only_wanted_checksums_are_written) {
    const Checksums checksums = compute_checksums(raw_, {.sha256 = true});
    EXPECT_EQ(checksums.md5, "");
    write_checksum_files(raw_, checksums, "out/");
    EXPECT_FALSE(fs::exists(raw_ + ".md5"));
    EXPECT_EQ(util::read_file(raw_ + ".sha256"), checksums.sha256 + "  out/disk.raw\n");
}

TEST_F(Formats, options_that_openstack_refuses_are_refused) {
    const ImageJob job{.raw_path = "a",
                       .format = ImageFormat::qcow2,
                       .options = {.qemu_options = "extended_l2=on"},
                       .temporary_path = "b"};
    EXPECT_EQ(error_of([&] { make_image(job, runner_); }).code, util::ExitCode::usage);
    EXPECT_TRUE(runner_.commands.empty());
}

TEST_F(Formats, a_raw_copy_has_the_same_bytes_and_holes) {
    make_image({.raw_path = raw_, .temporary_path = copy_}, runner_);
    EXPECT_EQ(util::read_file(copy_), util::read_file(raw_));
    EXPECT_LE(stored(copy_), 2 * k_mebibyte);
    EXPECT_TRUE(fs::exists(raw_));
}

TEST_F(Formats, a_raw_image_that_is_no_longer_needed_is_moved) {
    make_image({.raw_path = raw_, .raw_image = RawImage::consume, .temporary_path = copy_},
               runner_);
    EXPECT_FALSE(fs::exists(raw_));
    EXPECT_EQ(fs::file_size(copy_), 64 * k_mebibyte);
}

TEST_F(Formats, publish_replaces_the_target) {
    util::write_file_atomically(copy_, "old");
    publish(raw_, copy_);
    EXPECT_FALSE(fs::exists(raw_));
    EXPECT_EQ(fs::file_size(copy_), 64 * k_mebibyte);
}

TEST_F(Formats, checksums_count_holes_as_zeros) {
    const Checksums checksums = compute_checksums(raw_);
    EXPECT_EQ(checksums.sha256, util::sha256(util::read_file(raw_)));
    util::Digest md5(util::DigestKind::md5);
    md5.update(util::read_file(raw_));
    EXPECT_EQ(checksums.md5, md5.finish());
    RawFile::create(copy_, 0);
    EXPECT_EQ(compute_checksums(copy_).md5, "d41d8cd98f00b204e9800998ecf8427e");
}

TEST_F(Formats, sidecar_files_satisfy_sha256sum_and_md5sum) {
    write_checksum_files(raw_, compute_checksums(raw_));
    EXPECT_THAT(util::read_file(raw_ + ".sha256"), HasSubstr("  disk.raw\n"));
    process::PosixRunner runner;
    for (const char* kind : {"md5", "sha256"}) {
        const process::Result result =
            runner.run({.argv = {std::string(kind) + "sum", "-c", raw_ + "." + kind},
                        .environment = process::tool_environment(),
                        .working_directory = folder_.path()});
        EXPECT_EQ(result.exit_code, 0) << result.err;
    }
}

} // namespace
} // namespace kiln::disk
