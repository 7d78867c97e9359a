#include "build/tree_steps.hpp"
#include "build_fixture.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include <filesystem>

namespace kiln::tests {
namespace {

using build::require_root;
using build::scrub;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

class TreeTest : public BuildTest {
protected:
    void SetUp() override {
        files.directory("tree");
        files.write("outside/kept.log", "secret");
    }

    void scrub_it(const std::string& resolv_conf = "") const {
        scrub(util::RootDir(files / "tree"), resolv_conf);
    }

    void require() const { require_root(util::RootDir(files / "tree"), context.elements); }

    /// The folder outside, as an absolute link of a hostile tree names it and as a relative one.
    [[nodiscard]] std::string outside() const { return files / "outside"; }
};

TEST_F(TreeTest, WithNothingOfASystemIsRefused) {
    context.elements = {{.name = "vm", .path = "/x"}, {.name = "nginx", .path = "/y"}};
    for (const char* name : {"tmp/x", "proc", "sys", "dev/null", "lost+found"}) {
        files.directory("tree/" + std::string(name));
    }
    const util::ErrorInfo error = error_of([&] { require(); });
    EXPECT_EQ(error.code, util::ExitCode::hook);
    EXPECT_THAT(error.hint, HasSubstr("vm nginx"));
}

TEST_F(TreeTest, WithASystemIsTaken) {
    files.directory("tree/etc");
    EXPECT_NO_THROW(require());
}

TEST_F(TreeTest, LosesWhatOnlyTheBuildNeeded) {
    for (const char* name :
         {"tmp/in_target.d/x", "run/lock/a", "dev/shm/b", "proc/c", "root/install.log"}) {
        files.write("tree/" + std::string(name), "x");
    }
    files.write("tree/root/.bashrc", "kept");
    scrub_it();
    for (const char* name : {"tmp", "run", "dev", "proc"}) {
        EXPECT_THAT(util::RootDir(files / "tree").list(name), IsEmpty()) << name;
        EXPECT_TRUE(files.has("tree/" + std::string(name)));
    }
    EXPECT_FALSE(files.has("tree/root/install.log"));
    EXPECT_TRUE(files.has("tree/root/.bashrc"));
}

TEST_F(TreeTest, KeepsItsLogsAsEmptyFilesOfTheSameMode) {
    files.write("tree/var/log/apt/history.log", "text", 0640);
    scrub_it();
    EXPECT_EQ(files.read("tree/var/log/apt/history.log"), "");
    struct stat info = {};
    ASSERT_EQ(::stat((files / "tree/var/log/apt/history.log").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0640U);
}

TEST_F(TreeTest, LosesAResolvConfThatIsTheHostsOnly) {
    files.write("tree/etc/resolv.conf", "nameserver 192.0.2.1\n");
    scrub_it("nameserver 192.0.2.99\n");
    EXPECT_TRUE(files.has("tree/etc/resolv.conf"));
    scrub_it("nameserver 192.0.2.1\n");
    EXPECT_FALSE(files.has("tree/etc/resolv.conf"));
}

TEST_F(TreeTest, CannotLeadTheScrubOutside) {
    for (const char* name : {"tmp", "run", "dev", "proc", "sys", "var/log", "root"}) {
        files.link(outside(), "tree/" + std::string(name));
    }
    files.link("../../outside/kept.log", "tree/etc/resolv.conf");
    scrub_it("secret");
    EXPECT_EQ(files.read("outside/kept.log"), "secret");
}

TEST_F(TreeTest, CannotLeadTheScrubOutsideFromWithin) {
    files.link("../../../outside", "tree/tmp/link");
    files.link("../../../outside", "tree/var/log/link");
    files.link(outside() + "/kept.log", "tree/var/log/link.log");
    files.link(outside() + "/kept.log", "tree/root/link.log");
    scrub_it();
    EXPECT_EQ(files.read("outside/kept.log"), "secret");
    EXPECT_FALSE(files.has("tree/root/link.log"));
}

TEST_F(TreeTest, WithOddEntriesIsScrubbedWithoutWaiting) {
    files.directory("tree/var/log");
    ASSERT_EQ(::mkfifo((files / "tree/var/log/pipe").c_str(), 0600), 0);
    files.write("tree/root", "a file where a folder belongs");
    files.directory("tree/etc/resolv.conf");
    scrub_it("x");
    EXPECT_TRUE(files.has("tree/var/log/pipe"));
}

} // namespace
} // namespace kiln::tests
