#include "cli/commands/build_options.hpp"
#include "process/command.hpp"
#include "unit/util/test_files.hpp"

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>

#include <cstdlib>

namespace kiln::tests {
namespace {

using build::BuildOptions;
using process::Environment;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

/// The whole environment of this process for the life of the guard.
class CallerEnvironment {
public:
    explicit CallerEnvironment(const Environment& variables) {
        for (char** entry = environ; *entry != nullptr; ++entry) {
            const std::string text = *entry;
            kept_[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
        }
        set(variables);
    }

    CallerEnvironment(const CallerEnvironment&) = delete;
    CallerEnvironment& operator=(const CallerEnvironment&) = delete;
    CallerEnvironment(CallerEnvironment&&) = delete;
    CallerEnvironment& operator=(CallerEnvironment&&) = delete;

    ~CallerEnvironment() { set(kept_); }

private:
    static void set(const Environment& variables) {
        ::clearenv();
        for (const auto& [name, value] : variables) {
            ::setenv(name.c_str(), value.c_str(), 1);
        }
    }

    Environment kept_;
};

class BuildFlagsTest : public ::testing::Test {
protected:
    [[nodiscard]] BuildOptions options(const std::vector<std::string>& words) const {
        const CallerEnvironment environment(variables);
        CLI::App app;
        cli::BuildFlags flags;
        flags.define(app);
        app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
        return flags.options();
    }

    [[nodiscard]] util::ErrorInfo error(const std::vector<std::string>& words) const {
        return error_of([&] { static_cast<void>(options(words)); });
    }

    Environment variables{{"HOME", "/home/mia"}};
};

TEST_F(BuildFlagsTest, HaveDefaults) {
    const BuildOptions result = options({"debian", "vm"});
    EXPECT_THAT(result.elements, ElementsAre("debian", "vm"));
    EXPECT_EQ(result.arguments, "debian vm");
    EXPECT_EQ(result.output, "image");
    EXPECT_EQ(result.formats, "qcow2");
    EXPECT_EQ(result.compression, "zstd");
    EXPECT_EQ(result.filesystem, "ext4");
    EXPECT_EQ(result.image_size, std::nullopt);
    EXPECT_EQ(result.hook_timeout, std::nullopt);
    EXPECT_TRUE(result.with_base);
    EXPECT_TRUE(result.network);
    EXPECT_EQ(result.cache_directory, "/home/mia/.cache/kiln");
    EXPECT_EQ(result.work_directory, result.cache_directory);
    EXPECT_EQ(result.state_directory, "/home/mia/.local/state/kiln");
}

TEST_F(BuildFlagsTest, TakeTheVariablesOfTheField) {
    variables.insert({{"IMAGE_NAME", "web"},
                      {"IMAGE_TYPE", "raw"},
                      {"ARCH", "arm64"},
                      {"SKIP_BASE", "1"},
                      {"DIB_IMAGE_SIZE", "2.5"},
                      {"DIB_IMAGE_CACHE", "/cache"},
                      {"TMP_DIR", "/work dir"},
                      {"ELEMENTS_PATH", "/elements"},
                      {"FS_TYPE", "ext3"},
                      {"DIB_DEBUG_TRACE", "2"}});
    const BuildOptions result = options({"debian"});
    EXPECT_EQ(result.output, "web");
    EXPECT_EQ(result.formats, "raw");
    EXPECT_EQ(result.architecture, "arm64");
    EXPECT_FALSE(result.with_base);
    EXPECT_EQ(result.image_size, std::uint64_t{5} << 29U);
    EXPECT_EQ(result.cache_directory, "/cache");
    EXPECT_EQ(result.work_directory, "/work dir");
    EXPECT_EQ(result.elements_path, "/elements");
    EXPECT_EQ(result.filesystem, "ext3");
    EXPECT_EQ(result.trace, 2);
}

TEST_F(BuildFlagsTest, WinOverTheirVariables) {
    variables.insert({{"IMAGE_NAME", "other"}, {"ARCH", "arm64"}, {"DIB_IMAGE_SIZE", "9"}});
    const BuildOptions result =
        options({"-o", "web", "-a", "amd64", "--image-size", "1", "-x", "debian"});
    EXPECT_EQ(result.output, "web");
    EXPECT_EQ(result.architecture, "amd64");
    EXPECT_EQ(result.image_size, std::uint64_t{1} << 30U);
    EXPECT_EQ(result.trace, 1);
}

TEST_F(BuildFlagsTest, TakeAnEmptyVariableAsNotSet) {
    variables.insert({{"IMAGE_NAME", ""}, {"SKIP_BASE", ""}, {"DIB_CHECKSUM", "0"}});
    const BuildOptions result = options({"debian"});
    EXPECT_EQ(result.output, "image");
    EXPECT_TRUE(result.with_base);
    EXPECT_EQ(result.checksums, "0");
}

TEST_F(BuildFlagsTest, CanForgetTheWholeEnvironment) {
    variables.insert({{"IMAGE_NAME", "web"}, {"DIB_RELEASE", "trixie"}, {"MY_FLAG", "1"}});
    const BuildOptions result = options({"-c", "--env", "MY_FLAG", "debian"});
    EXPECT_EQ(result.output, "image");
    EXPECT_EQ(result.environment, (Environment{{"MY_FLAG", "1"}}));
}

TEST_F(BuildFlagsTest, HandNoCredentialsToHooks) {
    variables.insert({{"OS_PASSWORD", "x"}, {"AWS_SECRET_ACCESS_KEY", "x"}, {"DIB_RELEASE", "a"}});
    const BuildOptions result = options({"--env", "ASKED=1", "debian"});
    EXPECT_THAT(result.environment, Contains(Pair("DIB_RELEASE", "a")));
    EXPECT_THAT(result.environment, Contains(Pair("ASKED", "1")));
    EXPECT_THAT(result.environment, Not(Contains(Key("OS_PASSWORD"))));
    EXPECT_THAT(result.environment, Not(Contains(Key("AWS_SECRET_ACCESS_KEY"))));
    EXPECT_THAT(result.environment, Not(Contains(Key("HOME"))));
}

TEST_F(BuildFlagsTest, RefuseAVariableThatIsNotSet) {
    EXPECT_EQ(error({"--env", "MISSING", "debian"}).code, util::ExitCode::usage);
}

TEST_F(BuildFlagsTest, LeaveTheExtensionOfTheFormatOff) {
    EXPECT_EQ(options({"-o", "web.qcow2", "debian"}).output, "web");
    EXPECT_EQ(options({"-o", "web.1", "debian"}).output, "web.1");
    EXPECT_EQ(options({"-o", "web.qcow2", "-t", "raw", "debian"}).output, "web.qcow2");
    EXPECT_EQ(options({"-o", "web.tar.zst", "-t", "tar.zst", "debian"}).output, "web");
    EXPECT_EQ(options({"-o", "web.squash", "-t", "squashfs", "debian"}).output, "web");
    EXPECT_EQ(options({"-o", "web.squashfs", "-t", "squashfs", "debian"}).output, "web");
    EXPECT_EQ(options({"-o", "web.tar", "-t", "tar,raw", "debian"}).output, "web.tar");
    EXPECT_EQ(options({"-o", "out/.raw", "-t", "raw", "debian"}).output, "out/.raw");
}

TEST_F(BuildFlagsTest, KeepOldOutputsWhenCalledByThePeersName) {
    EXPECT_EQ(options({"-o", "a/web", "debian"}).old_outputs, build::OldOutputs::replace);
    EXPECT_EQ(options({"-o", "a/web", "debian"}).checksum_prefix, "");
    const BuildOptions result = options({"--as-peer", "-o", "a/web", "debian"});
    EXPECT_EQ(result.old_outputs, build::OldOutputs::keep);
    EXPECT_EQ(result.checksum_prefix, "a/");
    variables.insert({"OVERWRITE_OLD_IMAGE", "1"});
    EXPECT_EQ(options({"--as-peer", "debian"}).old_outputs, build::OldOutputs::replace);
}

TEST_F(BuildFlagsTest, SplitPackagesAtCommas) {
    EXPECT_THAT(options({"-p", "nginx, curl", "-p", "jq,", "debian"}).packages,
                ElementsAre("nginx", "curl", "jq"));
}

TEST_F(BuildFlagsTest, KnowUnits) {
    const BuildOptions result = options({"--image-extra-size",
                                         "3",
                                         "--mkfs-journal-size",
                                         "64",
                                         "--hook-timeout",
                                         "1.5",
                                         "debian"});
    EXPECT_EQ(result.extra_size, std::uint64_t{3} << 20U);
    EXPECT_EQ(result.journal_size, std::uint64_t{64} << 20U);
    EXPECT_EQ(result.hook_timeout, std::chrono::milliseconds(1500));
}

TEST_F(BuildFlagsTest, TakeNoSecondsAsNoTimeout) {
    EXPECT_EQ(options({"--hook-timeout", "0", "debian"}).hook_timeout, std::nullopt);
}

TEST_F(BuildFlagsTest, RefuseWhatIsNoSize) {
    for (const char* size : {"big", "-1", "1e300", "1e15", "3G", "nan"}) {
        const util::ErrorInfo info = error({"--image-size=" + std::string(size), "debian"});
        EXPECT_EQ(info.code, util::ExitCode::usage) << size;
        EXPECT_THAT(info.what, HasSubstr("--image-size")) << size;
    }
}

TEST_F(BuildFlagsTest, WarnOfWhatHasNoEffect) {
    CLI::App app;
    cli::BuildFlags flags;
    flags.define(app);
    app.parse(std::vector<std::string>{"debian", "2", "--min-tmpfs", "--no-tmpfs"});
    EXPECT_THAT(flags.warnings(), SizeIs(1));
}

} // namespace
} // namespace kiln::tests
