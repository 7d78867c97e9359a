#include "build/build_directory.hpp"
#include "unit/sandbox/private_mounts.hpp"

#include <sys/stat.h>

#include <chrono>
#include <filesystem>

namespace kiln::tests {
namespace {

using build::BuildDirectory;
using build::remove_build;
using build::Sweep;
using std::chrono::seconds;

namespace fs = std::filesystem;

constexpr seconds k_limit{10};

class BuildDirectoryTest : public PrivateMountsTest {
protected:
    [[nodiscard]] fs::path parent() const { return files.path() / "work dir/builds"; }

    /// What a build that was killed leaves.
    void leave_dead(const std::string& id) const {
        files.write("work dir/builds/" + id + "/layers/1/file", "x");
        files.write("work dir/builds/" + id + ".lock", "");
    }

    [[nodiscard]] static unsigned mode_of(const fs::path& path) {
        struct stat info = {};
        EXPECT_EQ(::stat(path.c_str(), &info), 0);
        return info.st_mode & 07777;
    }
};

TEST_F(BuildDirectoryTest, IsMadeWithItsLockBeside) {
    const BuildDirectory directory(parent(), "web-1");
    EXPECT_EQ(directory.path(), parent() / "web-1");
    EXPECT_TRUE(fs::is_directory(directory.path()));
    EXPECT_TRUE(fs::exists(parent() / "web-1.lock"));
}

TEST_F(BuildDirectoryTest, IsClosedToOthersWhateverTheUmask) {
    for (const mode_t mask : {mode_t{0}, mode_t{077}}) {
        const mode_t before = ::umask(mask);
        const BuildDirectory directory(parent(), "web-" + std::to_string(mask));
        ::umask(before);
        EXPECT_EQ(mode_of(parent()), 0700U);
        EXPECT_EQ(mode_of(directory.path()), 0755U);
    }
}

TEST_F(BuildDirectoryTest, OfATakenNameGetsAnother) {
    const BuildDirectory first(parent(), "web-1");
    const BuildDirectory second(parent(), "web-1");
    EXPECT_EQ(second.id(), "web-1-1");
    EXPECT_NE(first.path(), second.path());
}

TEST_F(BuildDirectoryTest, IsTakenAlongOnlyWhenEmpty) {
    static_cast<void>(BuildDirectory(parent(), "web-1"));
    EXPECT_TRUE(fs::is_empty(parent()));
    {
        const BuildDirectory directory(parent(), "web-2");
        fs::create_directory(directory.path() / "layers");
    }
    EXPECT_TRUE(fs::exists(parent() / "web-2.lock"));
    EXPECT_TRUE(fs::exists(parent() / "web-2/layers"));
}

TEST_F(BuildDirectoryTest, NeedsAFolderThatCanBeMade) {
    const std::string file = files.write("file", "");
    const util::ErrorInfo error = error_of([&] { const BuildDirectory x(file + "/builds", "a"); });
    EXPECT_NE(error.hint.find("--work-dir"), std::string::npos);
}

TEST_F(BuildDirectoryTest, IsRemovedWithItsLockAndTemporaryOutputs) {
    leave_dead("web-1");
    files.write("out/.web.qcow2.kiln-web-1", "part");
    files.write("out/precious", "kept");
    files.write("work dir/builds/web-1/outputs",
                (files / "out/.web.qcow2.kiln-web-1") + "\n" + (files / "out/precious") + "\n\n");
    EXPECT_TRUE(remove_build(parent() / "web-1", std::nullopt, k_limit));
    EXPECT_TRUE(fs::is_empty(parent()));
    EXPECT_FALSE(files.has("out/.web.qcow2.kiln-web-1"));
    EXPECT_TRUE(files.has("out/precious"));
}

TEST_F(BuildDirectoryTest, IsRemovedWithoutFollowingLinks) {
    leave_dead("web-1");
    files.write("precious/file", "kept");
    files.link(files / "precious", "work dir/builds/web-1/layers/link");
    EXPECT_TRUE(remove_build(parent() / "web-1", std::nullopt, k_limit));
    EXPECT_TRUE(files.has("precious/file"));
}

TEST_F(BuildDirectoryTest, OfADeadBuildIsSwept) {
    leave_dead("web-1");
    leave_dead("web-2");
    Sweep(parent(), std::nullopt).wait(k_limit);
    EXPECT_TRUE(fs::is_empty(parent()));
}

TEST_F(BuildDirectoryTest, OfALiveBuildIsNotSwept) {
    const BuildDirectory live(parent(), "web-1");
    leave_dead("web-2");
    Sweep(parent(), std::nullopt).wait(k_limit);
    EXPECT_TRUE(fs::is_directory(live.path()));
    EXPECT_TRUE(fs::exists(parent() / "web-1.lock"));
    EXPECT_FALSE(fs::exists(parent() / "web-2"));
}

TEST_F(BuildDirectoryTest, IsNotSweptWhileTheSandboxOfItsBuildLives) {
    auto directory = std::make_unique<BuildDirectory>(parent(), "web-1");
    sandbox::Session session({}, [] { return ::pause(); });
    const fs::path path = directory->path();
    fs::create_directory(path / "layers");
    directory.reset();
    Sweep(parent(), std::nullopt).wait(k_limit);
    EXPECT_TRUE(fs::is_directory(path));
    session.kill();
    Sweep(parent(), std::nullopt).wait(k_limit);
    EXPECT_FALSE(fs::exists(path));
}

TEST_F(BuildDirectoryTest, WithoutALockIsNoneOfKilns) {
    files.write("work dir/builds/somebody's/file", "x");
    Sweep(parent(), std::nullopt).wait(k_limit);
    EXPECT_TRUE(files.has("work dir/builds/somebody's/file"));
}

TEST_F(BuildDirectoryTest, SweepWithoutAFolderDoesNothing) {
    Sweep(parent(), std::nullopt).wait(k_limit);
    EXPECT_FALSE(fs::exists(parent()));
}

} // namespace
} // namespace kiln::tests
