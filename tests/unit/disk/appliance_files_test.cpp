#include "disk/appliance_files.hpp"
#include "support.hpp"
#include "util/temp_dir.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace kiln::disk {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;
using tests::error_of;
using tests::output_of;

/// A place as LIBGUESTFS_PATH may name it.
class AppliancePath : public testing::Test {
protected:
    ~AppliancePath() override {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): tests have one thread
        ::unsetenv("LIBGUESTFS_PATH");
    }

    void make(const std::string& name) const {
        fs::create_directories((folder_.path() / name).parent_path());
        std::ofstream(folder_.path() / name) << "x";
    }

    static std::optional<std::string> found_in(const std::string& path) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): tests have one thread
        ::setenv("LIBGUESTFS_PATH", path.c_str(), 1);
        return appliance_source();
    }

    util::TempDir folder_{fs::temp_directory_path(), "kiln-appliance-"};
    std::string path_ = folder_.path();
};

TEST_F(AppliancePath, holds_what_supermin_needs) {
    make("b/supermin.d/base.tar.gz");
    make("b/supermin.d/packages");
    EXPECT_EQ(found_in(path_ + "/a:" + path_ + "/b"), path_ + "/b/supermin.d");
}

TEST_F(AppliancePath, may_hold_an_appliance_that_is_made) {
    make("a/README.fixed");
    make("b/supermin.d/base.tar.gz");
    make("b/supermin.d/packages");
    EXPECT_EQ(found_in(path_ + "/a:" + path_ + "/b"), std::nullopt);
}

TEST_F(AppliancePath, may_hold_nothing) {
    EXPECT_EQ(found_in(path_), std::nullopt);
}

TEST(ApplianceOwners, become_root_and_modes_stay) {
    KILN_NEEDS("mke2fs");
    const util::TempDir folder(fs::temp_directory_path(), "kiln-appliance-");
    const std::string image = folder.path() / "root";
    const auto debugfs = [&image](const std::string& command) {
        return output_of({"debugfs", "-w", "-R", command, image});
    };
    std::ofstream(folder.path() / "mount") << "x";
    output_of({"mke2fs", "-q", "-F", "-t", "ext2", image, "4M"});
    debugfs("write " + (folder.path() / "mount").string() + " mount");
    debugfs("sif mount mode 0104755");
    debugfs("sif mount uid 65534");
    debugfs("sif mount gid 165534");
    give_all_to_root(image);
    const std::string status = debugfs("stat mount");
    EXPECT_THAT(status, HasSubstr("Mode:  04755"));
    EXPECT_THAT(status, testing::ContainsRegex("User: +0 +Group: +0 "));
    output_of({"e2fsck", "-fn", image});
}

TEST(ApplianceOwners, of_no_filesystem_are_an_error_that_names_it) {
    const util::TempDir folder(fs::temp_directory_path(), "kiln-appliance-");
    const std::string image = folder.path() / "root";
    std::ofstream(image) << "nothing";
    const util::ErrorInfo error = error_of([&] { give_all_to_root(image); });
    EXPECT_THAT(error.what, HasSubstr("cannot set the owners in '" + image + "'"));
    EXPECT_EQ(error.code, util::ExitCode::tool);
}

} // namespace
} // namespace kiln::disk
