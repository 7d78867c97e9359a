#pragma once

#include "running.hpp"
#include "util/temp_dir.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace kiln::tests {

enum class User { root, plain };

/// The user who runs the tests.
User current_user();

/// Why this user cannot be tested here; empty when it can. A plain user is 'kiln-test' (or
/// $KILN_TEST_USER) when the tests run as root.
std::string reason_to_skip(User user);

/// Why a test that needs root cannot run.
std::string reason_without_root();

/// A home, a cache, a state and an output folder, and a folder of elements, on a real disk; all
/// belongs to the user whom kiln runs as. Gone at the end.
class Workspace {
public:
    explicit Workspace(User user = current_user());

    [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }

    [[nodiscard]] std::string operator/(const std::string& name) const {
        return (path() / name).string();
    }

    /// Makes a file, and the folders above it.
    std::string write(const std::string& name, const std::string& content, unsigned mode = 0644);

    /// A hook (or a file of environment.d) in bash of one of the test's own elements. The text
    /// comes after "set -eu".
    void hook(const std::string& element, const std::string& name, const std::string& text);

    [[nodiscard]] std::string read(const std::string& name) const;
    [[nodiscard]] bool has(const std::string& name) const;

    /// Names in a folder, sorted; none for a folder that is not there.
    [[nodiscard]] std::vector<std::string> list(const std::string& name) const;

    /// The same without the records that kiln leaves beside images that are there.
    [[nodiscard]] std::vector<std::string> list_without_records(const std::string& name) const;

    /// The log of the last build: every event and all output of hooks, in order.
    [[nodiscard]] std::string build_log() const;

    /// What hooks printed, in order, without the log's own words.
    [[nodiscard]] std::vector<std::string> hook_output() const;

    /// Variables that kiln is started with; a test may change them.
    std::map<std::string, std::string> environment{};

    [[nodiscard]] Program program(std::vector<std::string> arguments) const;

    /// Runs "kiln ARGUMENT...".
    [[nodiscard]] Finished kiln(std::vector<std::string> arguments) const;

    /// Runs "kiln build -n -o out/image -t raw ARGUMENT..." with a fake root of 1 MB.
    [[nodiscard]] Finished build(const std::vector<std::string>& arguments) const;

    /// The same, and it must succeed.
    void must_build(const std::vector<std::string>& arguments) const;

    [[nodiscard]] Running start_build(const std::vector<std::string>& arguments) const;

private:
    std::filesystem::path binary_ = KILN_BINARY;
    void own(const std::filesystem::path& path) const;
    [[nodiscard]] static std::vector<std::string>
    build_words(const std::vector<std::string>& arguments);

    User user_;
    util::TempDir directory_;
    mutable int runs_ = 0;
};

/// For tests that run once as root and once as a plain user.
class AsUser : public testing::TestWithParam<User> {
protected:
    void SetUp() override {
        const std::string reason = reason_to_skip(GetParam());
        if (!reason.empty()) {
            GTEST_SKIP() << reason;
        }
    }
};

std::string user_name(const testing::TestParamInfo<User>& info);

} // namespace kiln::tests
