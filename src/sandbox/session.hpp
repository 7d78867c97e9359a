#pragma once

#include "sandbox/id_map.hpp"
#include "util/fd.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace kiln::sandbox {

struct SessionOptions {
    std::optional<IdMap> id_map{};
    /// Descriptors that only the worker may keep, not init (the event pipe's end).
    std::vector<int> worker_descriptors{};
};

/// A worker beneath an init process in mount, PID, UTS and IPC namespaces of its own (and a user
/// namespace when not root). When init ends, by whatever cause, the kernel ends everything that
/// was started in it and drops every mount. Init ends when the worker ends, when the process that
/// made it dies (lifeline pipe and PR_SET_PDEATHSIG), and when kill() is called. It inherits the
/// open descriptors, so a lock that its parent holds stays taken until it is gone.
class Session {
public:
    /// Forks; body runs in the worker and gives its exit code. The process must have one thread.
    /// Throws Error (code tool) when the namespaces cannot be made.
    Session(const SessionOptions& options, const std::function<int()>& body);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    Session(Session&&) = delete;
    Session& operator=(Session&&) = delete;
    ~Session();

    /// The exit code once the worker has ended; 128 + number for a signal.
    std::optional<int> poll();

    int wait();

    /// Ends everything in it at once, and waits until it is gone.
    void kill();

private:
    pid_t init_ = -1;
    util::Fd lifeline_{};
    std::optional<int> exit_code_{};
};

} // namespace kiln::sandbox
