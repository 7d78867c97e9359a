#include "util/output.hpp"

#include "util/fd.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace kiln::util {
namespace {

/// A pipe that is ready takes at least this much without blocking (PIPE_BUF, POSIX's least).
constexpr std::size_t k_part = 512;
constexpr int k_interval_milliseconds = 100;

bool is_ready(int fd, int milliseconds) {
    pollfd state = {fd, POLLOUT, 0};
    return ::poll(&state, 1, milliseconds) > 0;
}

/// A terminal that is ready may still block: it is opened anew, so that others who share the
/// caller's description do not meet EAGAIN.
Fd open_without_blocking(int fd) {
    if (::isatty(fd) == 0) {
        return Fd();
    }
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    return Fd(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
}

bool ending_signal_is_pending() {
    sigset_t pending;
    sigemptyset(&pending);
    ::sigpending(&pending);
    return sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 ||
           sigismember(&pending, SIGHUP) == 1;
}

} // namespace

bool takes_output(int fd) {
    return is_ready(fd, 0);
}

bool write_unless_ended(int fd, std::string_view data) {
    const Fd terminal = open_without_blocking(fd);
    const int target = terminal.valid() ? terminal.get() : fd;
    while (!data.empty()) {
        const bool ending = ending_signal_is_pending();
        if (!is_ready(target, ending ? 0 : k_interval_milliseconds)) {
            if (ending) {
                errno = EINTR;
                return false;
            }
            continue;
        }
        const ssize_t count = ::write(target, data.data(), std::min(data.size(), k_part));
        if (count < 0 && errno != EINTR && errno != EAGAIN) {
            return false;
        }
        data.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return true;
}

} // namespace kiln::util
