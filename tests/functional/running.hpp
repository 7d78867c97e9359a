#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kiln::tests {

/// The user whom a program runs as; nothing: the one who runs the tests.
struct Account {
    uid_t uid;
    gid_t gid;
    std::string name;
};

/// How a program ended, and what it said.
struct Finished {
    /// As a shell gives it: 128 + number for a signal.
    int exit_code = 0;
    /// The signal it died of, or 0.
    int signal = 0;
    std::string out{};
    std::string err{};
    std::chrono::milliseconds took{};
};

struct Program {
    std::vector<std::string> argv;
    /// The whole environment.
    std::map<std::string, std::string> environment;
    std::string directory;
    /// Where its output goes: `<prefix>.out` and `<prefix>.err`.
    std::string output_prefix;
    std::optional<Account> account{};
};

/// A program of a test, in a process group of its own. Killed when the guard goes.
class Running {
public:
    explicit Running(const Program& program);
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    Running(Running&& other) noexcept;
    Running& operator=(Running&&) = delete;
    ~Running();

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

    /// Waits until the text stands in its standard error; false when it ended or limit is over.
    [[nodiscard]] bool says(const std::string& text, std::chrono::milliseconds limit);

    [[nodiscard]] std::string error_so_far() const;

    /// A program that takes longer is killed, and the test fails.
    Finished wait(std::chrono::milliseconds limit);

private:
    bool has_ended();

    std::string prefix_;
    pid_t pid_ = -1;
    std::optional<int> status_{};
    std::chrono::steady_clock::time_point start_;
};

/// Waits until a condition holds; false when the limit is over.
template <typename Condition>
bool comes_true(std::chrono::milliseconds limit, const Condition& condition);

void pause_shortly();

template <typename Condition>
bool comes_true(std::chrono::milliseconds limit, const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        pause_shortly();
    }
    return true;
}

} // namespace kiln::tests
