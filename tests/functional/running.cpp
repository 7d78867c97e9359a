#include "running.hpp"

#include "util/error.hpp"
#include "util/fd.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <utility>

namespace kiln::tests {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

bool become(const std::optional<Account>& account) {
    return !account || (::initgroups(account->name.c_str(), account->gid) == 0 &&
                        ::setgid(account->gid) == 0 && ::setuid(account->uid) == 0);
}

[[noreturn]] void run_child(const Program& program, const util::Fd& out, const util::Fd& err) {
    std::vector<std::string> words = program.argv;
    std::vector<std::string> variables;
    for (const auto& [name, value] : program.environment) {
        variables.push_back(name);
        variables.back().append("=").append(value);
    }
    const util::Fd null = util::open_file("/dev/null", O_RDONLY);
    ::dup2(null.get(), STDIN_FILENO);
    ::dup2(out.get(), STDOUT_FILENO);
    ::dup2(err.get(), STDERR_FILENO);
    ::setpgid(0, 0);
    if (become(program.account) && ::chdir(program.directory.c_str()) == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::execvpe(words.front().c_str(), pointers_to(words).data(), pointers_to(variables).data());
    }
    ::_exit(127);
}

} // namespace

void pause_shortly() {
    std::this_thread::sleep_for(milliseconds(5));
}

Running::Running(const Program& program)
    : prefix_(program.output_prefix), start_(steady_clock::now()) {
    const util::Fd out = util::open_file(prefix_ + ".out", O_WRONLY | O_CREAT | O_TRUNC);
    const util::Fd err = util::open_file(prefix_ + ".err", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
    pid_ = ::fork();
    if (pid_ < 0) {
        util::throw_errno("cannot fork");
    }
    if (pid_ == 0) {
        run_child(program, out, err);
    }
}

Running::Running(Running&& other) noexcept
    : prefix_(std::move(other.prefix_)),
      pid_(std::exchange(other.pid_, -1)),
      status_(other.status_),
      start_(other.start_) {}

Running::~Running() {
    if (pid_ > 0 && !has_ended()) {
        ::kill(-pid_, SIGKILL);
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

bool Running::has_ended() {
    int status = 0;
    if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
        status_ = status;
    }
    return status_.has_value();
}

std::string Running::error_so_far() const {
    return util::read_file(prefix_ + ".err");
}

bool Running::says(const std::string& text, milliseconds limit) {
    bool ended = false;
    comes_true(limit, [&] {
        ended = has_ended();
        return ended || error_so_far().find(text) != std::string::npos;
    });
    return error_so_far().find(text) != std::string::npos;
}

Finished Running::wait(milliseconds limit) {
    if (!comes_true(limit, [&] { return has_ended(); })) {
        ADD_FAILURE() << "the program did not end in time; it said:\n" << error_so_far();
        ::kill(pid_, SIGKILL);
        comes_true(milliseconds(5000), [&] { return has_ended(); });
    }
    const int status = status_.value_or(SIGKILL);
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return {.exit_code = signal != 0 ? 128 + signal : WEXITSTATUS(status),
            .signal = signal,
            .out = util::read_file(prefix_ + ".out"),
            .err = error_so_far(),
            .took = duration_cast<milliseconds>(steady_clock::now() - start_)};
}

} // namespace kiln::tests
