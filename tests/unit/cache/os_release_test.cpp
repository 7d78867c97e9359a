#include "cache/os_release.hpp"
#include "unit/util/test_files.hpp"

namespace kiln::tests {
namespace {

class OsReleaseTest : public testing::Test {
protected:
    [[nodiscard]] cache::OsRelease read() const {
        return cache::read_os_release(util::RootDir(files.directory("tree")));
    }

    TestFiles files{};
};

TEST_F(OsReleaseTest, HasItsValuesWithoutTheirQuotes) {
    const cache::OsRelease release = cache::parse_os_release(
        "# ID=no\nNAME=\"Rocky Linux\"\nID=\"rocky\"\nID_LIKE='rhel centos'\n VERSION_ID=1\n"
        "VERSION_ID=\"9.3\"\r\nVERSION_ID_X=7\nID\n");
    EXPECT_EQ(release.id, "rocky");
    EXPECT_EQ(release.id_like, "rhel centos");
    EXPECT_EQ(release.version_id, "9.3");
}

TEST_F(OsReleaseTest, IsThatOfEtcBeforeThatOfUsr) {
    files.write("tree/usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    EXPECT_EQ(read().id, "debian");
    EXPECT_EQ(read().version_id, "12");
    files.write("tree/etc/os-release", "ID=mine\n");
    EXPECT_EQ(read().id, "mine");
    EXPECT_EQ(read().version_id, "");
}

TEST_F(OsReleaseTest, IsFoundThroughALinkThatStaysInTheTree) {
    files.write("tree/usr/lib/os-release", "ID=debian\n");
    files.link("../usr/lib/os-release", "tree/etc/os-release");
    EXPECT_EQ(read().id, "debian");
    const std::string outside = files.write("outside", "ID=outside\n");
    std::filesystem::remove(files / "tree/etc/os-release");
    files.link(outside, "tree/etc/os-release");
    EXPECT_EQ(read().id, "debian");
}

TEST_F(OsReleaseTest, IsEmptyWhereThereIsNone) {
    EXPECT_EQ(read().id, "");
    files.directory("tree/etc/os-release");
    EXPECT_EQ(read().id, "");
}

TEST_F(OsReleaseTest, OfATreeHasNothingThatIsNoId) {
    files.write("tree/etc/os-release", "ID=\"no id\"\nVERSION_ID=" + std::string(5000, '1') + "\n");
    EXPECT_EQ(read().id, "");
    EXPECT_EQ(read().version_id, "");
    files.write("tree/etc/os-release", "ID=debian\n" + std::string(2 << 20U, '#'));
    EXPECT_EQ(read().id, "");
}

} // namespace
} // namespace kiln::tests
