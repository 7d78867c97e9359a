#include "build/host_checks/bounded.hpp"

#include "util/fd.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace kiln::build {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void run_probe(util::Pipe& pipe, const std::function<std::string()>& probe) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    pipe.read.reset();
    try {
        util::write_all(pipe.write.get(), probe(), "the answer of a probe");
        ::_exit(0);
    } catch (...) {
        ::_exit(1);
    }
}

/// All that comes until the end of the file; nothing when that does not come in time.
std::optional<std::string> read_until(int fd, steady_clock::time_point deadline) {
    std::string text;
    while (true) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
        pollfd ready = {fd, POLLIN, 0};
        const int count = left.count() <= 0 ? 0 : ::poll(&ready, 1, static_cast<int>(left.count()));
        if (count == 0 || (count < 0 && errno != EINTR)) {
            return std::nullopt;
        }
        std::array<char, 4096> buffer{};
        const ssize_t size = count < 0 ? -1 : ::read(fd, buffer.data(), buffer.size());
        if (size == 0) {
            return text;
        }
        if (size > 0) {
            text.append(buffer.data(), static_cast<std::size_t>(size));
        }
    }
}

/// Kills and reaps; gives up on one in an uninterruptible sleep.
bool ended_well(pid_t child) {
    constexpr int k_attempts = 100;
    for (int attempt = 0; attempt < k_attempts; ++attempt) {
        int status = 0;
        if (::waitpid(child, &status, WNOHANG) == child) {
            return WIFEXITED(status) && WEXITSTATUS(status) == 0;
        }
        ::usleep(5000);
    }
    return false;
}

} // namespace

std::optional<std::string> answer_within(milliseconds limit,
                                         const std::function<std::string()>& probe) {
    util::Pipe pipe = util::make_pipe();
    const pid_t child = ::fork();
    if (child == 0) {
        run_probe(pipe, probe);
    }
    if (child < 0) {
        return std::nullopt;
    }
    pipe.write.reset();
    std::optional<std::string> answer = read_until(pipe.read.get(), steady_clock::now() + limit);
    if (!answer) {
        ::kill(child, SIGKILL);
    }
    return ended_well(child) ? answer : std::nullopt;
}

} // namespace kiln::build
