#pragma once

#include "process/command.hpp"
#include "util/fd.hpp"

#include <sys/types.h>

#include <chrono>
#include <functional>

namespace kiln::process {

/// A program, or a function of this one, that runs beside this process and whose output is read
/// from a pipe. Ended (SIGKILL, with its process group) when the guard goes.
class ChildProcess {
public:
    /// Throws Error (code tool) when the program cannot be started.
    explicit ChildProcess(const Command& command);

    /// Runs in a forked child, which gets the descriptor of the pipe and ends when the function
    /// does. What it throws is told by finish. The calling process must have no other threads.
    explicit ChildProcess(const std::function<void(int output)>& function);

    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ChildProcess(ChildProcess&&) = delete;
    ChildProcess& operator=(ChildProcess&&) = delete;
    ~ChildProcess();

    /// The end of the pipe to read from.
    [[nodiscard]] int output() const noexcept { return output_.get(); }

    /// False when neither output nor its end came in time.
    [[nodiscard]] bool wait_for_output(std::chrono::milliseconds patience) const;

    /// Asks it to end by itself: SIGTERM, to it alone.
    void ask_to_end() const;

    /// Waits for the end, and ends what takes longer (timed_out), as what writes on with nobody
    /// reading does. The result has the errors, not the output. Call it once.
    Result finish(std::chrono::milliseconds patience);

private:
    void kill_group() const;

    util::Fd output_;
    util::Fd errors_;
    pid_t child_ = -1;
};

} // namespace kiln::process
