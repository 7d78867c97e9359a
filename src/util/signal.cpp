#include "util/signal.hpp"

#include "util/error.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

namespace kiln::util {

SignalWatch::SignalWatch() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
        sigaddset(&signals, number);
    }
    ::sigprocmask(SIG_BLOCK, &signals, &previous_);
    fd_ = Fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd_.valid()) {
        throw_errno("cannot watch signals");
    }
}

SignalWatch::~SignalWatch() {
    ::sigprocmask(SIG_SETMASK, &previous_, nullptr);
}

std::optional<int> SignalWatch::take() {
    std::optional<int> ending;
    signalfd_siginfo info = {};
    while (::read(fd_.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
        if (info.ssi_signo != SIGCHLD) {
            ending = static_cast<int>(info.ssi_signo);
        }
    }
    return ending;
}

void die_of(int number) {
    ::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::raise(number);
    ::_exit(128 + number);
}

} // namespace kiln::util
