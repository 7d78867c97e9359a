#include "cache/apt_sources.hpp"
#include "cache/freshness.hpp"
#include "net/curl_client.hpp"
#include "process/posix_runner.hpp"
#include "support/memory_reporter.hpp"
#include "unit/net/image_server.hpp"
#include "unit/util/test_files.hpp"
#include "util/text.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Counts what it runs.
class CountingRunner : public process::PosixRunner {
public:
    using PosixRunner::run;

    process::Result run(const process::Command& command,
                        const process::LineHandler& on_line) override {
        ++count;
        return PosixRunner::run(command, on_line);
    }

    int count = 0;
};

/// tests/support/apt_repository.py behind a server, gpgv, and the apt of this machine.
class FreshnessMirror : public testing::Test {
protected:
    FreshnessMirror() {
        ::unsetenv("http_proxy");
        repository("init");
        repository("add stable contrib unused 1.0");
        repository("update stable main hello 1.0");
        write_source(server.url(""));
    }

    void repository(const std::string& words) {
        std::vector<std::string> argv = {
            "python3", KILN_SOURCE_DIR "/tests/support/apt_repository.py", files.path()};
        for (const std::string& word : util::split_words(words)) {
            argv.push_back(word);
        }
        process::PosixRunner().check(
            {.argv = argv, .environment = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}}});
    }

    void write_source(const std::string& url) {
        files.write("tree/etc/apt/keyrings/test.asc", files.read("key.asc"));
        files.write("tree/etc/apt/sources.list",
                    "deb [signed-by=/etc/apt/keyrings/test.asc] " + url + " stable main\n");
    }

    /// As a build would: lists of the tree, made by apt.
    void apt_update(const std::string& source) {
        const std::string top = files / "tree";
        for (const char* folder : {"var/lib/apt/lists/partial",
                                   "var/cache/apt/archives/partial",
                                   "var/lib/dpkg",
                                   "etc/apt/apt.conf.d",
                                   "etc/apt/preferences.d"}) {
            files.directory("tree/" + std::string(folder));
        }
        files.write("tree/var/lib/dpkg/status", "");
        files.write("sources.list", source);
        process::PosixRunner().check({.argv = {"apt-get",
                                               "-o",
                                               "Dir=" + top,
                                               "-o",
                                               "Dir::State::status=" + top + "/var/lib/dpkg/status",
                                               "-o",
                                               "Dir::Etc::SourceList=" + (files / "sources.list"),
                                               "-o",
                                               "Dir::Bin::methods=/usr/lib/apt/methods",
                                               "-o",
                                               "APT::Sandbox::User=root",
                                               "-o",
                                               "APT::Architecture=amd64",
                                               "-o",
                                               "Acquire::Languages=none",
                                               "-o",
                                               "Dir::Etc::Trusted=" + (files / "key.gpg"),
                                               "-q",
                                               "update"},
                                      .environment = process::tool_environment()});
    }

    cache::TreePackages read() {
        return cache::read_package_state(
            util::RootDir(files / "tree"), {.architecture = "amd64"}, documents);
    }

    cache::Freshness freshness() {
        return cache::Freshness(
            {.scratch = files / "scratch"}, documents, client, runner, reporter);
    }

    std::string check(const cache::PackageState& state) {
        const cache::Verdict verdict = freshness().check({state}).front();
        if (const auto* changed = std::get_if<cache::Changed>(&verdict)) {
            return "changed: " + changed->words;
        }
        const auto* unverified = std::get_if<cache::Unverified>(&verdict);
        return unverified == nullptr ? "current" : unverified->error.what;
    }

    /// What the tree's sources stand for now; the list must be old enough for that.
    cache::PackageState state_now() {
        return freshness().complete(read().state, std::time(nullptr));
    }

    TestFiles files{};
    ImageServer server{files};
    MemoryReporter reporter{};
    net::CurlClient client{{.retry = {.tries = 1}}, reporter};
    CountingRunner runner{};
    cache::Documents documents{files / "documents"};
};

TEST_F(FreshnessMirror, SeesTheUpdateOfAUsedComponentOnly) {
    repository("publish stable --age 86400");
    const cache::PackageState state = state_now();
    ASSERT_TRUE(state.complete());
    EXPECT_EQ(check(state), "current");
    repository("update stable contrib unused 2.0");
    EXPECT_EQ(check(state), "current");
    repository("sign stable");
    EXPECT_EQ(check(state), "current");
    repository("update stable main hello 2.0");
    EXPECT_EQ(check(state), "changed: stable main amd64 has new packages");
}

TEST_F(FreshnessMirror, NothingNewIsARoundTripWithoutGpgv) {
    repository("publish stable --age 86400");
    const cache::PackageState state = state_now();
    EXPECT_EQ(runner.count, 1);
    EXPECT_EQ(check(state), "current");
    EXPECT_EQ(runner.count, 1);
    EXPECT_THAT(server.log(), HasSubstr("/dists/stable/InRelease 304 bytes=0"));
}

TEST_F(FreshnessMirror, DoesNotBelieveAnotherKeyOrAnExpiredList) {
    repository("publish stable --age 86400");
    const cache::PackageState state = state_now();
    repository("publish stable --key other");
    EXPECT_THAT(check(state), HasSubstr("is not in the keyring"));
    repository("publish stable --form detached --key other");
    EXPECT_THAT(check(state), HasSubstr("is not in the keyring"));
    repository("publish stable --form detached");
    EXPECT_EQ(check(state), "current");
    repository("expire stable");
    EXPECT_THAT(check(state), HasSubstr("InRelease' has expired"));
}

TEST_F(FreshnessMirror, ReadsWhatAptLeavesInATree) {
    repository("publish stable --form both");
    const std::string url = server.url("");
    const std::string line = "deb " + url + " stable main\n";
    apt_update(line);
    write_source(url);
    const cache::TreePackages packages = read();
    EXPECT_TRUE(packages.has_lists);
    ASSERT_TRUE(packages.state.complete());
    EXPECT_EQ(check(packages.state), "current");
    repository("update stable main hello 2.0");
    EXPECT_EQ(check(packages.state), "changed: stable main amd64 has new packages");
}

TEST_F(FreshnessMirror, NamesListsAsAptDoes) {
    std::filesystem::create_directory_symlink(files / "srv", files / "srv/odd_~name+1");
    for (const std::string& uri : {"copy:" + (files / "srv"), server.url("odd_~name+1")}) {
        apt_update("deb " + uri + " stable main\n");
        write_source(uri);
        const cache::TreePackages packages = read();
        EXPECT_TRUE(packages.has_lists) << uri;
        EXPECT_EQ(check(packages.state), "current") << uri;
    }
}

TEST_F(FreshnessMirror, ReadsTheIndexOfAll) {
    std::filesystem::remove_all(files / "keys");
    std::filesystem::remove_all(files / "srv/dists");
    repository("init --all-index");
    repository("add stable main data 1.0 --arch all");
    repository("update stable main hello 1.0");
    write_source(server.url(""));
    apt_update("deb " + server.url("") + " stable main\n");
    const cache::PackageState state = read().state;
    EXPECT_THAT(state.repositories.at(0).indexes, SizeIs(2));
    EXPECT_EQ(check(state), "current");
    repository("update stable main data 2.0 --arch all");
    EXPECT_EQ(check(state), "changed: stable main all has new packages");
}

TEST_F(FreshnessMirror, AServerThatIsDownIsAnError) {
    repository("publish stable --age 86400");
    cache::PackageState state = state_now();
    EXPECT_EQ(check(state), "current");
    state.repositories[0].url = "http://127.0.0.1:1/dists/stable/";
    EXPECT_THAT(check(state), HasSubstr("cannot fetch"));
}

} // namespace
} // namespace kiln::tests
