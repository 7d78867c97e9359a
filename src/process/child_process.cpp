#include "process/child_process.hpp"

#include "process/exec_program.hpp"
#include "process/posix_runner.hpp"
#include "util/error.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <thread>

namespace kiln::process {
namespace {

constexpr std::chrono::milliseconds k_poll_interval{10};

/// Errors go to memory: nobody reads them while the program runs.
util::Fd make_memory() {
    util::Fd fd(::memfd_create("kiln-errors", MFD_CLOEXEC));
    if (!fd.valid()) {
        util::throw_errno("cannot make a place for the errors of a program");
    }
    return fd;
}

[[noreturn]] void
run_function(const std::function<void(int)>& function, int output, const util::Fd& errors) {
    settle_child();
    ::dup2(errors.get(), STDERR_FILENO);
    int code = 0;
    std::string text;
    try {
        function(output);
    } catch (const std::exception& error) {
        code = 1;
        text = std::string(error.what()) + "\n" + util::info_of(error).hint + "\n";
    }
    [[maybe_unused]] const ssize_t count = ::write(errors.get(), text.data(), text.size());
    ::_exit(code);
}

} // namespace

ChildProcess::ChildProcess(const Command& command) : errors_(make_memory()) {
    const util::Fd input = make_input(command);
    util::Pipe out = util::make_pipe();
    util::Pipe failure = util::make_pipe();
    child_ = fork_into_namespaces(command.namespaces);
    if (child_ == 0) {
        become_program(command,
                       {.input = input.get(),
                        .output = out.write.get(),
                        .errors = errors_.get(),
                        .failure = failure.write.get()});
    }
    output_ = std::move(out.read);
    failure.write.reset();
    // Ends when exec closes the other side.
    const std::string message = util::read_all(failure.read.get(), "a child's report");
    if (!message.empty()) {
        wait_for(std::exchange(child_, -1));
        throw_start_failure(command, message);
    }
}

ChildProcess::ChildProcess(const std::function<void(int output)>& function)
    : errors_(make_memory()) {
    util::Pipe out = util::make_pipe();
    child_ = fork_into_namespaces(0);
    if (child_ == 0) {
        run_function(function, out.write.get(), errors_);
    }
    output_ = std::move(out.read);
}

ChildProcess::~ChildProcess() {
    if (child_ > 0) {
        kill_group();
        ::waitpid(child_, nullptr, 0);
    }
}

void ChildProcess::kill_group() const {
    ::kill(-child_, SIGKILL);
    ::kill(child_, SIGKILL);
}

void ChildProcess::ask_to_end() const {
    ::kill(child_, SIGTERM);
}

bool ChildProcess::wait_for_output(std::chrono::milliseconds patience) const {
    const auto end = std::chrono::steady_clock::now() + patience;
    pollfd ready = {output_.get(), POLLIN, 0};
    int found = -1;
    do {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        found = ::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    } while (found < 0 && errno == EINTR);
    return found != 0;
}

Result ChildProcess::finish(std::chrono::milliseconds patience) {
    Result result;
    const auto end = std::chrono::steady_clock::now() + patience;
    int status = 0;
    while (::waitpid(child_, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > end) {
            result.timed_out = true;
            kill_group();
        }
        std::this_thread::sleep_for(k_poll_interval);
    }
    child_ = -1;
    result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    ::lseek(errors_.get(), 0, SEEK_SET);
    result.err = util::read_all(errors_.get(), "the errors of a program");
    return result;
}

} // namespace kiln::process
