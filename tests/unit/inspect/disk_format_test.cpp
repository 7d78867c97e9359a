#include "disk/raw_file.hpp"
#include "inspect/disk_format.hpp"
#include "support.hpp"

#include <filesystem>

namespace kiln::inspect {
namespace {

using testing::HasSubstr;
using tests::error_of;

class DiskFormat : public testing::Test {
protected:
    std::string make(const std::vector<std::string>& options, const std::string& name = "disk") {
        std::vector<std::string> argv = {"qemu-img", "create", "-q"};
        argv.insert(argv.end(), options.begin(), options.end());
        argv.push_back(files / name);
        argv.emplace_back("8M");
        tests::output_of(argv);
        return files / name;
    }

    tests::TestFiles files;
};

TEST_F(DiskFormat, is_told_by_the_content_alone) {
    const std::vector<std::pair<std::string, std::string>> kinds = {{"qcow2", "qcow2"},
                                                                    {"vmdk", "vmdk"},
                                                                    {"vdi", "vdi"},
                                                                    {"vhdx", "vhdx"},
                                                                    {"vpc", "vhd"},
                                                                    {"raw", "raw"}};
    for (const auto& [driver, name] : kinds) {
        const FileFormat format = file_format(make({"-f", driver}, "image.txt"));
        EXPECT_EQ(format.name, name);
        EXPECT_EQ(format.driver, name == "raw" ? "" : driver);
        if (name == "qcow2" || name == "vmdk" || name == "vdi") {
            EXPECT_EQ(format.disk_size, 8U * 1024 * 1024) << name;
        }
        std::filesystem::remove(files / "image.txt");
    }
}

TEST_F(DiskFormat, knows_a_fixed_vhd_by_its_footer) {
    EXPECT_EQ(file_format(make({"-f", "vpc", "-o", "subformat=fixed"})).name, "vhd");
}

TEST_F(DiskFormat, takes_a_vmdk_for_streams) {
    EXPECT_EQ(file_format(make({"-f", "vmdk", "-o", "subformat=streamOptimized"})).name, "vmdk");
}

TEST_F(DiskFormat, of_archives_is_no_disk) {
    files.write("tree/etc/hostname", "a");
    tests::output_of({"tar", "-C", files / "tree", "-czf", files / "a.raw", "."});
    EXPECT_EQ(file_format(files / "a.raw").name, "tar");
    EXPECT_EQ(file_format(files.write("short", "x")).name, "raw");
    EXPECT_THAT(error_of([&] { file_format(files.write("none", "")); }).what, HasSubstr("empty"));
}

TEST_F(DiskFormat, refuses_disks_that_need_other_files) {
    make({"-f", "qcow2"}, "base");
    make({"-f", "vmdk"}, "parent");
    const std::vector<std::vector<std::string>> hostile = {
        {"-f", "qcow2", "-F", "qcow2", "-b", files / "base"},
        {"-f", "vmdk", "-F", "vmdk", "-b", files / "parent"},
        {"-f", "vmdk", "-o", "subformat=monolithicFlat"}};
    for (const std::vector<std::string>& options : hostile) {
        const std::string path = make(options, "hostile");
        EXPECT_EQ(error_of([&] { file_format(path); }).code, util::ExitCode::failed)
            << options.back();
    }
}

TEST_F(DiskFormat, refuses_a_vmdk_whose_header_leads_elsewhere) {
    const std::string path = make({"-f", "vmdk"});
    const auto refusal = [&](std::uint64_t at, const std::string& bytes) {
        const std::string copy = files / "copy";
        std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
        disk::RawFile::open_writable(copy).write({.offset = at, .bytes = bytes});
        return error_of([&] { file_format(copy); }).what;
    };
    EXPECT_THAT(refusal(12, std::string(8, '\0')), HasSubstr("in other files"));
    EXPECT_THAT(refusal(28, "\x09"), HasSubstr("unusual place"));
    const std::size_t type = util::read_file(path).find("monolithicSparse");
    EXPECT_THAT(refusal(type, "monolithicFlat\"\n"), HasSubstr("other files"));
    EXPECT_THAT(refusal(9 * 512, "parentFileNameHint=\"/etc/shadow\""), HasSubstr("other files"));
}

} // namespace
} // namespace kiln::inspect
