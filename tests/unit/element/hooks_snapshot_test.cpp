#include "element/hooks_snapshot.hpp"
#include "unit/util/test_files.hpp"
#include "util/digest.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace kiln::tests {
namespace {

using element::HooksEntryKind;
using element::HooksSnapshot;
using ::testing::ElementsAre;
using ::testing::Key;

class HooksSnapshotTest : public ::testing::Test {
protected:
    [[nodiscard]] HooksSnapshot snapshot() const { return HooksSnapshot(files.path()); }

    /// As if it had been written an hour ago, so that only another size or time can tell a change.
    void make_old(const std::string& name) const {
        const auto time = std::filesystem::last_write_time(files.path() / name);
        std::filesystem::last_write_time(files.path() / name, time - std::chrono::hours(1));
    }

    TestFiles files{};
};

TEST_F(HooksSnapshotTest, HasFilesFoldersAndLinks) {
    files.write("install.d/50-web", "#!/bin/sh\n", 0755);
    files.link("../lib/x", "install.d/60-x");
    const HooksSnapshot read = snapshot();
    EXPECT_THAT(read.entries(),
                ElementsAre(Key("install.d"), Key("install.d/50-web"), Key("install.d/60-x")));
    EXPECT_EQ(read.find("install.d/50-web")->describe(), "file 755 " + util::sha256("#!/bin/sh\n"));
    EXPECT_EQ(read.find("install.d/60-x")->describe(), "link ../lib/x");
    EXPECT_EQ(read.find("install.d")->kind, HooksEntryKind::directory);
    EXPECT_EQ(read.find("other"), nullptr);
}

TEST_F(HooksSnapshotTest, KeepsTheTextOfSmallTextsOnly) {
    files.write("text", "x\n");
    files.write("binary", std::string("a\0b", 3));
    const std::string large(element::k_longest_text + 1, 'x');
    files.write("large", large);
    const HooksSnapshot read = snapshot();
    EXPECT_EQ(*read.find("text")->text, "x\n");
    EXPECT_EQ(read.find("binary")->text, nullptr);
    EXPECT_EQ(read.find("large")->text, nullptr);
    EXPECT_EQ(read.find("large")->digest, util::sha256(large));
}

TEST_F(HooksSnapshotTest, SeesWhatHasChangedWhenRefreshed) {
    files.write("stays", "1\n");
    files.write("changes", "1\n");
    files.write("goes", "1\n");
    files.write("mode", "1\n");
    HooksSnapshot read = snapshot();
    files.write("changes", "2\n");
    files.write("comes", "1\n");
    files.write("mode", "1\n", 0755);
    std::filesystem::remove(files.path() / "goes");
    read.refresh();
    EXPECT_EQ(*read.find("changes")->text, "2\n");
    EXPECT_EQ(*read.find("stays")->text, "1\n");
    EXPECT_EQ(read.find("mode")->mode, 0755U);
    EXPECT_NE(read.find("comes"), nullptr);
    EXPECT_EQ(read.find("goes"), nullptr);
}

TEST_F(HooksSnapshotTest, SeesAChangeOfTheSameSizeWithTheOldTime) {
    files.write("x", "1\n");
    make_old("x");
    HooksSnapshot read = snapshot();
    const auto time = std::filesystem::last_write_time(files.path() / "x");
    files.write("x", "2\n");
    std::filesystem::last_write_time(files.path() / "x", time);
    read.refresh();
    EXPECT_EQ(*read.find("x")->text, "2\n");
}

TEST_F(HooksSnapshotTest, NamesAFolderThatIsNotThere) {
    EXPECT_ANY_THROW(HooksSnapshot(files.path() / "none"));
}

} // namespace
} // namespace kiln::tests
