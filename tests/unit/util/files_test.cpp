#include "unit/util/test_files.hpp"
#include "util/atomic_file.hpp"
#include "util/file_lock.hpp"

#include <gmock/gmock.h>

#include <sys/wait.h>
#include <unistd.h>

namespace kiln::tests {
namespace {

using ::testing::HasSubstr;
using util::AtomicFile;
using util::FileLock;

std::size_t count_entries(const TestFiles& files) {
    const std::filesystem::directory_iterator entries(files.path());
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

TEST(AtomicFileTest, AppearsWithCommit) {
    const TestFiles files;
    AtomicFile file(files / "target");
    file.write("con");
    file.write("tent");
    EXPECT_FALSE(files.has("target"));
    file.commit();
    EXPECT_EQ(files.read("target"), "content");
    EXPECT_EQ(count_entries(files), 1U);
}

TEST(AtomicFileTest, LeavesNothingWithoutCommit) {
    const TestFiles files;
    files.write("target", "old");
    {
        AtomicFile file(files / "target");
        file.write("new");
    }
    EXPECT_EQ(files.read("target"), "old");
    EXPECT_EQ(count_entries(files), 1U);
}

TEST(AtomicFileTest, LeavesNothingWhenCommitFails) {
    const TestFiles files;
    files.write("target/in-the-way", "");
    {
        AtomicFile file(files / "target");
        EXPECT_THAT(error_of([&] { file.commit(); }).what, HasSubstr("cannot write"));
    }
    EXPECT_EQ(count_entries(files), 1U);
}

TEST(AtomicFileTest, HasTheModeOfTheUmask) {
    const TestFiles files;
    const mode_t before = ::umask(027);
    util::write_file_atomically(files / "target", "x");
    ::umask(before);
    EXPECT_EQ(std::filesystem::status(files / "target").permissions(),
              std::filesystem::perms(0640));
}

TEST(AtomicFileTest, NamesTheTargetWhenItsFolderIsMissing) {
    const TestFiles files;
    const std::string target = files / "no/folder";
    EXPECT_EQ(error_of([&] { AtomicFile file(target); }).what,
              "cannot write '" + target + "': No such file or directory");
}

TEST(FileLockTest, IsHeldByOne) {
    const TestFiles files;
    {
        const auto lock = FileLock::try_lock(files / "lock");
        ASSERT_TRUE(lock.has_value());
        EXPECT_FALSE(FileLock::try_lock(files / "lock").has_value());
    }
    EXPECT_TRUE(FileLock::try_lock(files / "lock").has_value());
}

TEST(FileLockTest, LivesOnInAForkedChild) {
    const TestFiles files;
    util::Pipe gate = util::make_pipe();
    std::optional<FileLock> lock = FileLock::try_lock(files / "lock");
    ASSERT_TRUE(lock.has_value());
    const pid_t child = ::fork();
    if (child == 0) {
        gate.write.reset();
        util::read_all(gate.read.get(), "gate");
        ::_exit(0);
    }
    lock.reset();
    EXPECT_FALSE(FileLock::try_lock(files / "lock").has_value());
    gate.write.reset();
    ::waitpid(child, nullptr, 0);
    EXPECT_TRUE(FileLock::try_lock(files / "lock").has_value());
}

TEST(TempDirTest, GoesWithAllThatIsInIt) {
    const TestFiles files;
    std::filesystem::path path;
    {
        const util::TempDir directory(files.path(), "work-");
        path = directory.path();
        std::filesystem::create_directories(path / "a/b");
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(TempDirTest, StaysWhenReleased) {
    const TestFiles files;
    util::TempDir directory(files.path(), "work-");
    const util::TempDir moved(std::move(directory));
    EXPECT_EQ(count_entries(files), 1U);
    const std::filesystem::path path = util::TempDir(files.path(), "kept-").release();
    EXPECT_TRUE(std::filesystem::is_directory(path));
}

TEST(ErrorTest, GathersPlacesFromTheInsideOut) {
    const util::ErrorInfo error = error_of([] {
        util::with_context("image 'web'", [] {
            util::with_context("phase install", [] { throw util::Error({.what = "no"}); });
        });
    });
    EXPECT_THAT(error.where, ::testing::ElementsAre("image 'web'", "phase install"));
}

TEST(ErrorTest, SaysWhatToDoWhenADiskIsFull) {
    errno = ENOSPC;
    const util::ErrorInfo error = error_of([] { util::throw_errno("cannot write 'x'"); });
    EXPECT_EQ(error.what, "cannot write 'x': No space left on device");
    EXPECT_THAT(error.hint, HasSubstr("free some space"));
}

} // namespace
} // namespace kiln::tests
