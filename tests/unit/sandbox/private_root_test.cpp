#include "private_mounts.hpp"
#include "sandbox/private_root.hpp"
#include "util/root_dir.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace kiln::tests {
namespace {

using sandbox::enter_private_root;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

namespace fs = std::filesystem;

class PrivateRootTest : public PrivateMountsTest {
protected:
    void enter(const std::string& inner) const {
        files.directory("scratch of it");
        files.write("build/of-the-build", "content");
        enter_private_root(files / "scratch of it", files / "build", inner);
    }
};

TEST_F(PrivateRootTest, ShowsTheBuildUnderItsConstantName) {
    inside([&] {
        enter("/kiln-unit-test/build");
        EXPECT_EQ(util::read_file("/kiln-unit-test/build/of-the-build"), "content");
        EXPECT_EQ(fs::current_path(), "/");
    });
    EXPECT_FALSE(fs::exists("/kiln-unit-test"));
}

TEST_F(PrivateRootTest, ShowsWhatTheHostHas) {
    inside([&] {
        const std::vector<std::string> before = util::RootDir("/usr").list("/");
        enter("/kiln-unit-test/build");
        EXPECT_EQ(util::RootDir("/usr").list("/"), before);
        EXPECT_EQ(files.read("build/of-the-build"), "content");
        EXPECT_TRUE(fs::exists("/proc/self/exe"));
        EXPECT_TRUE(fs::exists("/dev/null"));
    });
}

TEST_F(PrivateRootTest, LeavesAFolderOfThatNameOnTheHostAlone) {
    inside([&] {
        const std::vector<std::string> before = util::RootDir("/usr").list("/");
        enter("/usr/kiln-unit-test");
        EXPECT_EQ(util::read_file("/usr/kiln-unit-test/of-the-build"), "content");
        EXPECT_THAT(util::RootDir("/usr").list("/"), IsSupersetOf(before));
    });
    EXPECT_FALSE(fs::exists("/usr/kiln-unit-test"));
}

TEST_F(PrivateRootTest, HidesAFolderOfTheVerySameName) {
    inside([&] {
        enter("/usr/share");
        EXPECT_THAT(util::RootDir("/usr/share").list("/"), ElementsAre("of-the-build"));
    });
    EXPECT_FALSE(fs::exists("/usr/share/of-the-build"));
}

} // namespace
} // namespace kiln::tests
