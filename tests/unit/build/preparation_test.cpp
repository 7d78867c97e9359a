#include "build/preparation.hpp"
#include "build_fixture.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <chrono>
#include <filesystem>

namespace kiln::tests {
namespace {

using build::make_log_directory;
using build::new_build_id;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

TEST(BuildId, HasTheNameTheTimeAndTheProcess) {
    const std::string id = new_build_id("/out dir/my web");
    EXPECT_THAT(id, ContainsRegex("^my web-[0-9]{8}-[0-9]{6}-[0-9]+$"));
    EXPECT_THAT(id, EndsWith("-" + std::to_string(::getpid())));
}

class LogDirectory : public ::testing::Test {
protected:
    [[nodiscard]] std::string latest() const {
        return fs::read_symlink(files / "state/builds/latest").string();
    }

    /// Makes logs of which the first is the oldest.
    void old_logs(int count) const {
        const auto now = fs::file_time_type::clock::now();
        for (int i = 0; i < count; ++i) {
            const fs::path log = files.directory("state/builds/old-" + std::to_string(i));
            fs::last_write_time(log, now - std::chrono::hours(count - i));
        }
    }

    TestFiles files{};
};

TEST_F(LogDirectory, IsTheOneThatLatestNames) {
    EXPECT_EQ(make_log_directory(files / "state", "web-1"), files / "state/builds/web-1");
    EXPECT_EQ(latest(), "web-1");
    make_log_directory(files / "state", "web-2");
    EXPECT_EQ(latest(), "web-2");
    EXPECT_TRUE(files.has("state/builds/web-1"));
}

TEST_F(LogDirectory, KeepsTheNewestFifty) {
    old_logs(60);
    files.write("state/builds/a-file", "");
    make_log_directory(files / "state", "web-1");
    EXPECT_FALSE(files.has("state/builds/old-0"));
    EXPECT_FALSE(files.has("state/builds/old-10"));
    EXPECT_TRUE(files.has("state/builds/old-11"));
    EXPECT_TRUE(files.has("state/builds/web-1"));
    EXPECT_TRUE(files.has("state/builds/a-file"));
}

TEST_F(LogDirectory, DoesNotFollowLinksWhenItPrunes) {
    old_logs(60);
    files.write("precious/file", "kept");
    files.link(files / "precious", "state/builds/link");
    make_log_directory(files / "state", "web-1");
    EXPECT_TRUE(files.has("precious/file"));
}

TEST_F(LogDirectory, NeedsAFolderThatCanBeMade) {
    const std::string file = files.write("file", "");
    EXPECT_THAT(error_of([&] { make_log_directory(file, "web-1"); }).hint,
                HasSubstr("XDG_STATE_HOME"));
}

} // namespace
} // namespace kiln::tests
