#pragma once

#include "util/fd.hpp"

#include <signal.h>

#include <exception>
#include <optional>

namespace kiln::util {

/// Thrown when the user ends the program; it dies of the signal after cleaning up.
class Interrupted : public std::exception {
public:
    explicit Interrupted(int number) : number_(number) {}

    [[nodiscard]] int number() const noexcept { return number_; }

    [[nodiscard]] const char* what() const noexcept override { return "interrupted"; }

private:
    int number_;
};

/// Holds back SIGINT, SIGTERM, SIGHUP and SIGCHLD while it lives: they are read from a descriptor.
class SignalWatch {
public:
    SignalWatch();
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;
    SignalWatch(SignalWatch&&) = delete;
    SignalWatch& operator=(SignalWatch&&) = delete;
    ~SignalWatch();

    /// For poll(2).
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// The signal that ends the program, if one has come.
    std::optional<int> take();

private:
    sigset_t previous_{};
    Fd fd_;
};

/// Ends the program by the signal, so that the caller sees what it died of.
[[noreturn]] void die_of(int number);

} // namespace kiln::util
