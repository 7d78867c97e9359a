#include "archive/output_file.hpp"
#include "archive/tree_writer.hpp"
#include "process/posix_runner.hpp"
#include "unit/util/test_files.hpp"
#include "util/text.hpp"

#include <gmock/gmock.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace kiln::tests {
namespace {

using archive::Compression;
using archive::Holes;
using archive::OutputFile;
using archive::TarWriter;
using archive::TreeOptions;
using archive::TreeSummary;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t k_epoch = 1704067200;

class TreeWriterTest : public ::testing::Test {
protected:
    /// Writes the folder "tree" as a tar.
    TreeSummary write(const TreeOptions& options, const std::string& name = "a.tar") const {
        OutputFile file(files / name, compression);
        TarWriter writer([&file](std::string_view bytes) { file.write(bytes); });
        const TreeSummary summary =
            archive::write_tree(util::RootDir(files / "tree"), options, writer);
        writer.finish();
        file.finish();
        return summary;
    }

    std::vector<std::string> tar(std::vector<std::string> words) const {
        words.insert(words.begin(), "tar");
        process::PosixRunner runner;
        process::Environment environment = process::tool_environment();
        environment["TZ"] = "UTC";
        const process::Result result = runner.run({.argv = words, .environment = environment});
        EXPECT_EQ(result.exit_code, 0) << result.err;
        EXPECT_EQ(result.err, "");
        return util::last_lines(result.out, 1000);
    }

    [[nodiscard]] std::vector<std::string> names() const { return tar({"-tf", files / "a.tar"}); }

    TestFiles files;
    Compression compression = Compression::none;
};

TEST_F(TreeWriterTest, NamesComeInByteOrderBelowThePrefix) {
    for (const char* name : {"tree/b", "tree/a/z", "tree/a.b", "tree/B"}) {
        files.write(name, "x");
    }
    EXPECT_EQ(write({.epoch = k_epoch}).files, 6U);
    EXPECT_THAT(names(), ElementsAre("./", "./B", "./a/", "./a/z", "./a.b", "./b"));
    write({.prefix = "rootfs/", .epoch = k_epoch});
    EXPECT_EQ(names().front(), "rootfs/");
    write({.prefix = "", .epoch = k_epoch});
    EXPECT_EQ(names().front(), "B");
}

TEST_F(TreeWriterTest, WhatTheKernelFillsIsLeftOut) {
    for (const char* name :
         {"proc/1", "sys/k", "dev/null", "tmp/in_target.d/x", "tmp/kept", "a/proc/1"}) {
        files.write(std::string("tree/") + name, "x");
    }
    write({.prefix = "", .epoch = k_epoch});
    EXPECT_THAT(
        names(),
        ElementsAre("a/", "a/proc/", "a/proc/1", "dev/", "proc/", "sys/", "tmp/", "tmp/kept"));
}

TEST_F(TreeWriterTest, LaterTimesBecomeTheEpoch) {
    for (const auto& [name, time] : std::vector<std::pair<std::string, std::time_t>>{
             {"old", 86400}, {"new", k_epoch + 86400}}) {
        files.write("tree/" + name, "x");
        const std::array<timespec, 2> times = {{{time, 5}, {time, 5}}};
        ASSERT_EQ(::utimensat(AT_FDCWD, (files / ("tree/" + name)).c_str(), times.data(), 0), 0);
    }
    write({.prefix = "", .epoch = k_epoch});
    const std::vector<std::string> lines = tar({"--full-time", "-tvf", files / "a.tar"});
    EXPECT_THAT(lines.at(0), HasSubstr("2024-01-01 00:00:00 new"));
    EXPECT_THAT(lines.at(1), HasSubstr("1970-01-02 00:00:00 old"));
}

TEST_F(TreeWriterTest, NamesAreBytes) {
    const std::string latin = "latin-\xe9";
    const std::string decomposed = "e\xcc\x81";
    const std::string longest(255, 'n');
    for (const std::string& name : {latin, decomposed, longest, std::string("tab\tline\nend")}) {
        files.write("tree/" + name, "x");
    }
    files.directory("back");
    write({.prefix = "", .epoch = k_epoch});
    tar({"--warning=no-unknown-keyword", "-xf", files / "a.tar", "-C", files / "back"});
    for (const std::string& name : {latin, decomposed, longest, std::string("tab\tline\nend")}) {
        EXPECT_TRUE(files.has("back/" + name)) << name;
    }
}

TEST_F(TreeWriterTest, LinksAreNotFollowed) {
    files.write("secret", "outside");
    files.link("../secret", "tree/link");
    files.link(std::string(3000, 'l'), "tree/long");
    write({.prefix = "", .epoch = k_epoch});
    const std::vector<std::string> lines = tar({"-tvf", files / "a.tar"});
    EXPECT_THAT(lines.at(0), HasSubstr("link -> ../secret"));
    EXPECT_THAT(lines.at(1), HasSubstr(std::string(3000, 'l')));
}

TEST_F(TreeWriterTest, FurtherNamesAreHardLinks) {
    files.write("tree/z", "content");
    ASSERT_EQ(::link((files / "tree/z").c_str(), (files / "tree/a").c_str()), 0);
    write({.prefix = "", .epoch = k_epoch});
    EXPECT_THAT(tar({"-tvf", files / "a.tar"}).at(1), HasSubstr("z link to a"));
}

TEST_F(TreeWriterTest, SocketsAreToldOf) {
    files.write("tree/a", "x");
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    const std::string path = files / "tree/socket";
    path.copy(&address.sun_path[0], sizeof(address.sun_path) - 1);
    const util::Fd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_THAT(write({.epoch = k_epoch}).left_out, ElementsAre("socket"));
    EXPECT_THAT(names(), ElementsAre("./", "./a"));
}

TEST_F(TreeWriterTest, HolesAreKeptOrFilledWithTheSameContent) {
    const std::string end = "end of the file";
    const std::string path = files.write("tree/sparse", "begin");
    ASSERT_EQ(::truncate(path.c_str(), 20 << 20), 0);
    const std::string zeros(std::size_t{4} << 20U, '\0');
    const std::string other = files.write("tree/zeros", zeros + "x" + zeros);
    files.write("tree/all-zero", zeros);
    write({.prefix = "", .epoch = k_epoch, .holes = Holes::fill}, "filled.tar");
    write({.prefix = "", .epoch = k_epoch});
    EXPECT_GT(std::filesystem::file_size(files / "filled.tar"), 32U << 20U);
    EXPECT_LT(std::filesystem::file_size(files / "a.tar"), 1U << 20U);
    for (const char* name : {"a", "filled"}) {
        files.directory(name);
        tar({"-xf", files / (std::string(name) + ".tar"), "-C", files / name});
        for (const char* file : {"sparse", "zeros", "all-zero"}) {
            EXPECT_TRUE(files.read(std::string("tree/") + file) ==
                        files.read(std::string(name) + "/" + file))
                << name << " " << file;
        }
    }
}

TEST_F(TreeWriterTest, HolesFollowFromContentAlone) {
    // The same bytes, once written and once not.
    const std::string zeros(std::size_t{2} << 20U, '\0');
    files.write("tree/a", zeros + "x");
    write({.prefix = "", .epoch = 0}, "written.tar");
    const std::string path = files.write("tree/a", "");
    ASSERT_EQ(::truncate(path.c_str(), 2 << 20), 0);
    const util::Fd fd = util::open_file(path, O_WRONLY | O_APPEND);
    util::write_all(fd.get(), "x", path);
    write({.prefix = "", .epoch = 0}, "hole.tar");
    EXPECT_TRUE(files.read("written.tar") == files.read("hole.tar"));
}

TEST_F(TreeWriterTest, PackedOnesHaveNeitherNameNorTime) {
    files.write("tree/a", std::string(100000, 'x'));
    compression = Compression::gzip;
    write({.epoch = k_epoch}, "a.tar");
    EXPECT_EQ(files.read("a.tar").substr(0, 8), std::string("\x1f\x8b\x08\0\0\0\0\0", 8));
    EXPECT_THAT(names(), ElementsAre("./", "./a"));
    compression = Compression::zstd;
    write({.epoch = k_epoch}, "a.tar");
    EXPECT_EQ(files.read("a.tar").substr(0, 4), "\x28\xb5\x2f\xfd");
}

TEST_F(TreeWriterTest, AFullDiskIsSaidAsSuch) {
    files.write("tree/a", std::string(100000, 'x'));
    const util::ErrorInfo error = error_of([&] {
        OutputFile file("/dev/full", Compression::none);
        TarWriter writer([&file](std::string_view bytes) { file.write(bytes); });
        archive::write_tree(util::RootDir(files / "tree"), {.epoch = k_epoch}, writer);
        writer.finish();
        file.finish();
    });
    EXPECT_THAT(error.what, HasSubstr("disk full: cannot write '/dev/full'"));
    EXPECT_THAT(error.hint, Not(HasSubstr("libarchive")));
}

} // namespace
} // namespace kiln::tests
