#include "chain/image_log.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <thread>

namespace kiln::tests {
namespace {

namespace fs = std::filesystem;

TEST(ImageLog, LatestLeadsToTheNewest) {
    const TestFiles files;
    chain::ImageLog(files.path() / "logs").line("one");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    chain::ImageLog log(files.path() / "logs");
    log.line("two");
    EXPECT_EQ(fs::read_symlink(files / "logs/latest.log"), fs::path(log.path()).filename());
    EXPECT_THAT(files.read("logs/latest.log"), testing::MatchesRegex("[0-9-]+T[0-9:.]+Z two\n"));
}

TEST(ImageLog, TwentyStay) {
    const TestFiles files;
    files.write("logs/note.txt", "stays");
    for (int i = 100; i < 130; ++i) {
        files.write("logs/20200101T000000." + std::to_string(i) + "Z.log", "old");
    }
    const chain::ImageLog log(files.path() / "logs");
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(files.path() / "logs")) {
        count += entry.path().extension() == ".log" && !entry.is_symlink() ? 1U : 0U;
    }
    EXPECT_EQ(count, 20U);
    EXPECT_TRUE(fs::exists(log.path()));
    EXPECT_TRUE(files.has("logs/20200101T000000.129Z.log"));
    EXPECT_FALSE(files.has("logs/20200101T000000.110Z.log"));
    EXPECT_TRUE(files.has("logs/note.txt"));
}

TEST(ImageLog, AFolderThatCannotBeMadeIsTold) {
    const TestFiles files;
    files.write("logs", "a file");
    EXPECT_THAT(error_of([&] { chain::ImageLog(files.path() / "logs/x"); }).what,
                testing::HasSubstr("cannot write logs in"));
}

} // namespace
} // namespace kiln::tests
