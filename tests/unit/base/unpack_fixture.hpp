#pragma once

#include "base/unpack.hpp"
#include "process/posix_runner.hpp"
#include "process/tool_check.hpp"
#include "support/memory_reporter.hpp"
#include "tree_snapshot.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

namespace kiln::tests {

/// A source tree of all that images hold, and a target with a canary beside it.
class UnpackTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "files of other owners need root here";
        }
        files.write("outside/canary", "alive");
        files.directory("target");
    }

    void TearDown() override {
        if (::geteuid() == 0) {
            EXPECT_EQ(snapshot(files / "outside").size(), 2U);
            EXPECT_EQ(files.read("outside/canary"), "alive");
        }
    }

    base::UnpackResult unpack(const std::string& name, base::UnpackRequest request = {}) {
        request.image = files / name;
        request.target = files / "target";
        return base::unpack_image(request, runner, reporter);
    }

    std::string refusal(const std::string& name, const base::UnpackRequest& request = {}) {
        return error_of([&] { unpack(name, request); }).what;
    }

    std::string run(const std::vector<std::string>& argv) {
        const process::Result result =
            runner.run({.argv = argv, .environment = process::tool_environment()});
        EXPECT_EQ(result.exit_code, 0) << argv.front() << ": " << result.out << result.err;
        return result.out;
    }

    std::string shell(const std::string& script) {
        return run({"bash", "-ec", "cd " + files.path().string() + "\n" + script});
    }

    /// Something of everything that is kept.
    void make_source() {
        files.write("source/etc/os-release", "ID=test\n");
        files.write("source/etc/shadow", "root:*::\n", 0640);
        files.write("source/usr/bin/su", std::string(70000, 's'), 04755);
        files.write("source/usr/share/F\xc5\x91tan\xc3\xba.pem", "name in UTF-8");
        files.link("../etc/os-release", "source/usr/os-release");
        files.link("/" + std::string(100, 'l'), "source/usr/long");
        files.directory("source/srv/empty");
        shell("ln source/etc/shadow source/etc/shadow-\n"
              "chown 3:42 source/etc/shadow\n"
              "chown -h 7:8 source/usr/long\n"
              "mkfifo -m 600 source/srv/pipe\n"
              "truncate -s 3M source/srv/hole\n"
              "printf middle | dd of=source/srv/hole bs=1 seek=1500000 conv=notrunc status=none\n"
              "chmod 1777 source/srv/empty\n"
              "setfattr -n user.colour -v blue source/etc/os-release\n"
              "setfacl -m u:1000:r source/etc/os-release\n"
              "setfacl -d -m g:50:rwx source/srv/empty\n"
              "setcap cap_net_raw+ep source/usr/bin/su\n"
              "find source -exec touch -hd @1700000000 {} +\n");
    }

    /// An ext4 filesystem with the source; options of mke2fs come later and win.
    void make_ext4(const std::string& name = "ext4.raw", const std::string& options = "-t ext4") {
        shell("mke2fs -q " + options + " -d source " + name + " 16M\n" +
              // mke2fs dates the root itself.
              "debugfs -w -R 'sif / mtime @1700000000' " + name + " 2>/dev/null");
    }

    void expect_same_tree(Times times = Times::exact) { expect_same_tree("source", times); }

    void expect_same_tree(const std::string& source, Times times) {
        expect_tree(snapshot(files / source, times), times);
    }

    void expect_tree(const std::map<std::string, std::string>& wanted, Times times) {
        const auto got = snapshot(files / "target", times);
        for (const auto& [path, text] : wanted) {
            const auto found = got.find(path);
            EXPECT_EQ(found == got.end() ? "missing" : found->second, text) << path;
        }
        EXPECT_EQ(got.size(), wanted.size());
    }

    TestFiles files{};
    process::PosixRunner runner{};
    MemoryReporter reporter{};
};

} // namespace kiln::tests
