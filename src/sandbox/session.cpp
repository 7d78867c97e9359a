#include "sandbox/session.hpp"

#include "process/posix_runner.hpp"
#include "util/error.hpp"

#include <grp.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

namespace kiln::sandbox {
namespace {

constexpr int k_setup_failed = 125;

/// The ends of the pipes that init keeps: it waits for go, and lives as long as lifeline is open.
struct InitPipes {
    util::Pipe go = util::make_pipe();
    util::Pipe lifeline = util::make_pipe();
};

std::string closed_hint() {
    if (std::filesystem::exists("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")) {
        return "AppArmor may close user namespaces here: "
               "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0   (or run as root)";
    }
    return "user namespaces may be closed here: sudo sysctl user.max_user_namespaces=15000 "
           "kernel.unprivileged_userns_clone=1   (or run as root)";
}

unsigned long namespace_flags(const SessionOptions& options) {
    const unsigned long flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;
    return options.id_map ? flags | CLONE_NEWUSER : flags;
}

bool wait_for_go(const InitPipes& pipes) {
    char byte = 0;
    ssize_t count = 0;
    do {
        count = ::read(pipes.go.read.get(), &byte, 1);
    } while (count < 0 && errno == EINTR);
    return count == 1;
}

/// Becomes root of the user namespace. PR_SET_PDEATHSIG comes last: a change of ids clears it.
bool settle(const SessionOptions& options) {
    if (options.id_map) {
        if (::setgroups(0, nullptr) != 0 || ::setresgid(0, 0, 0) != 0 ||
            ::setresuid(0, 0, 0) != 0) {
            return false;
        }
    }
    static constexpr std::string_view k_host_name = "localhost";
    ::sethostname(k_host_name.data(), k_host_name.size());
    ::umask(022);
    ::setsid();
    // The caller's keyring may hold tickets and keys.
    ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
    return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
}

util::Fd make_child_signal() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    return util::Fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

/// Reaps whatever has ended; the worker's exit code if it is among it.
std::optional<int> reap(pid_t worker) {
    int status = 0;
    while (true) {
        const pid_t child = ::waitpid(-1, &status, WNOHANG);
        if (child <= 0) {
            return std::nullopt;
        }
        if (child == worker) {
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        }
    }
}

/// PID 1 of the sandbox: reaps orphans until the worker has ended or the parent has gone.
[[noreturn]] void be_init(pid_t worker, const util::Fd& children, const util::Fd& lifeline) {
    while (true) {
        std::array<pollfd, 2> fds = {{{children.get(), POLLIN, 0}, {lifeline.get(), POLLIN, 0}}};
        ::poll(fds.data(), fds.size(), -1);
        if (fds[1].revents != 0) {
            ::_exit(128 + SIGKILL);
        }
        std::array<signalfd_siginfo, 8> drained{};
        [[maybe_unused]] const ssize_t count =
            ::read(children.get(), drained.data(), sizeof(drained));
        if (const std::optional<int> code = reap(worker)) {
            ::_exit(*code);
        }
    }
}

[[noreturn]] void
run_init(const SessionOptions& options, InitPipes& pipes, const std::function<int()>& body) {
    pipes.go.write.reset();
    pipes.lifeline.write.reset();
    if (!wait_for_go(pipes) || !settle(options)) {
        ::_exit(k_setup_failed);
    }
    const util::Fd children = make_child_signal();
    const pid_t worker = ::fork();
    if (worker == 0) {
        pipes.lifeline.read.reset();
        ::_exit(body());
    }
    for (const int fd : options.worker_descriptors) {
        ::close(fd);
    }
    if (worker < 0) {
        ::_exit(k_setup_failed);
    }
    be_init(worker, children, pipes.lifeline.read);
}

} // namespace

Session::Session(const SessionOptions& options, const std::function<int()>& body) {
    InitPipes pipes;
    try {
        init_ = process::fork_into_namespaces(namespace_flags(options));
    } catch (const util::Error& error) {
        util::ErrorInfo info = error.info();
        info.hint = closed_hint();
        throw util::Error(std::move(info));
    }
    if (init_ == 0) {
        run_init(options, pipes, body);
    }
    lifeline_ = std::move(pipes.lifeline.write);
    try {
        if (options.id_map) {
            apply_id_map(*options.id_map, init_);
        }
        util::write_all(pipes.go.write.get(), "g", "the sandbox");
    } catch (...) {
        kill();
        throw;
    }
}

Session::~Session() {
    kill();
}

std::optional<int> Session::poll() {
    int status = 0;
    if (!exit_code_ && ::waitpid(init_, &status, WNOHANG) == init_) {
        exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    return exit_code_;
}

int Session::wait() {
    if (!exit_code_) {
        exit_code_ = process::wait_for(init_);
    }
    return *exit_code_;
}

void Session::kill() {
    if (!exit_code_ && init_ > 0) {
        ::kill(init_, SIGKILL);
        exit_code_ = process::wait_for(init_);
    }
}

} // namespace kiln::sandbox
