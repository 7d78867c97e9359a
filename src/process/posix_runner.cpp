#include "process/posix_runner.hpp"

#include "process/child_process.hpp"
#include "process/exec_program.hpp"
#include "process/line_buffer.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace kiln::process {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using util::Fd;

constexpr milliseconds k_longest_poll{100};

/// How the output of a finished program is still read: what it left in the pipes, but not what a
/// daemon of its may write later.
constexpr milliseconds k_drain_time{200};

struct ChildPipes {
    util::Pipe out = util::make_pipe();
    util::Pipe err = util::make_pipe();
    util::Pipe failure = util::make_pipe();
};

/// Both output streams of a child until it has ended.
class OutputPump {
public:
    OutputPump(const Command& command, const LineHandler& on_line, ChildPipes& pipes, pid_t child)
        : command_(command), child_(child), out_(pipes.out.read.get()), err_(pipes.err.read.get()) {
        if (on_line) {
            out_lines_ =
                LineBuffer([&on_line](std::string_view line) { on_line(Stream::out, line); });
            err_lines_ =
                LineBuffer([&on_line](std::string_view line) { on_line(Stream::err, line); });
        } else {
            out_lines_ = LineBuffer(&result_.out);
            err_lines_ = LineBuffer(&result_.err);
        }
    }

    OutputPump(const OutputPump&) = delete;
    OutputPump& operator=(const OutputPump&) = delete;
    OutputPump(OutputPump&&) = delete;
    OutputPump& operator=(OutputPump&&) = delete;

    /// A handler that throws must not leave the program behind.
    ~OutputPump() {
        if (!ended_) {
            kill_child();
            int status = 0;
            ::waitpid(child_, &status, 0);
        }
    }

    Result run() {
        while (out_ >= 0 || err_ >= 0 || !ended_) {
            step();
            watch();
        }
        out_lines_.finish();
        err_lines_.finish();
        return std::move(result_);
    }

private:
    void step() {
        std::array<pollfd, 2> fds = {{{out_, POLLIN, 0}, {err_, POLLIN, 0}}};
        const auto interval = ended_ || (out_ < 0 && err_ < 0) ? milliseconds(5) : k_longest_poll;
        ::poll(fds.data(), fds.size(), static_cast<int>(interval.count()));
        read_some(fds[0], out_, out_lines_);
        read_some(fds[1], err_, err_lines_);
    }

    static void read_some(const pollfd& ready, int& fd, LineBuffer& lines) {
        if (fd < 0 || (ready.revents & (POLLIN | POLLHUP | POLLERR)) == 0) {
            return;
        }
        std::array<char, 65536> buffer{};
        const ssize_t count = ::read(fd, buffer.data(), buffer.size());
        if (count > 0) {
            lines.add({buffer.data(), static_cast<std::size_t>(count)});
        } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
            fd = -1;
        }
    }

    void watch() {
        const auto now = steady_clock::now();
        if (!ended_ && has_ended()) {
            ended_ = true;
            ended_at_ = now;
        }
        if (!ended_ && must_end(now)) {
            end_child(now);
        }
        if (ended_ && now - ended_at_ > k_drain_time) {
            out_ = -1;
            err_ = -1;
        }
    }

    bool must_end(steady_clock::time_point now) {
        if (command_.timeout && now - start_ > *command_.timeout) {
            result_.timed_out = true;
        } else if (!result_.stopped && command_.should_stop) {
            result_.stopped = command_.should_stop();
        }
        return result_.timed_out || result_.stopped;
    }

    void end_child(steady_clock::time_point now) {
        if (command_.stop_grace.count() > 0 && !asked_) {
            asked_ = now;
            ::kill(-child_, SIGTERM);
        } else if (!asked_ || now - *asked_ > command_.stop_grace) {
            kill_child();
        }
    }

    void kill_child() const {
        ::kill(-child_, SIGKILL);
        ::kill(child_, SIGKILL);
    }

    bool has_ended() {
        int status = 0;
        if (::waitpid(child_, &status, WNOHANG) != child_) {
            return false;
        }
        result_.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        return true;
    }

    const Command& command_;
    pid_t child_;
    int out_;
    int err_;
    LineBuffer out_lines_;
    LineBuffer err_lines_;
    Result result_;
    steady_clock::time_point start_ = steady_clock::now();
    steady_clock::time_point ended_at_{};
    /// When it was asked to end by itself.
    std::optional<steady_clock::time_point> asked_{};
    bool ended_ = false;
};

} // namespace

pid_t fork_into_namespaces(unsigned long namespaces) {
    if (namespaces == 0) {
        const pid_t child = ::fork();
        if (child < 0) {
            util::throw_errno({.what = "cannot fork", .code = util::ExitCode::tool});
        }
        return child;
    }
    // The C library has no fork() with namespace flags; without CLONE_VM the call behaves as one.
    const auto child = static_cast<pid_t>(
        ::syscall(SYS_clone, namespaces | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
    if (child < 0) {
        util::throw_errno({.what = "cannot make namespaces", .code = util::ExitCode::tool});
    }
    return child;
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            util::throw_errno("cannot wait for a child process");
        }
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Result PosixRunner::run(const Command& command, const LineHandler& on_line) {
    const Fd input = make_input(command);
    ChildPipes pipes;
    const pid_t child = fork_into_namespaces(command.namespaces);
    if (child == 0) {
        become_program(command,
                       {.input = input.get(),
                        .output = pipes.out.write.get(),
                        .errors = pipes.err.write.get(),
                        .failure = pipes.failure.write.get()});
    }
    pipes.out.write.reset();
    pipes.err.write.reset();
    pipes.failure.write.reset();
    OutputPump pump(command, on_line, pipes, child);
    Result result = pump.run();
    const std::string failure = util::read_all(pipes.failure.read.get(), "a child's report");
    if (!failure.empty()) {
        throw_start_failure(command, failure);
    }
    return result;
}

std::unique_ptr<ChildProcess> PosixRunner::start(const Command& command) {
    return std::make_unique<ChildProcess>(command);
}

} // namespace kiln::process
