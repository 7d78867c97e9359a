#pragma once

#include "process/command.hpp"

#include <sys/types.h>

#include <memory>

namespace kiln::process {

/// fork, exec and wait. The calling process must have no other threads.
class PosixRunner : public Runner {
public:
    using Runner::run;
    Result run(const Command& command, const LineHandler& on_line) override;
    std::unique_ptr<ChildProcess> start(const Command& command) override;
};

/// fork() into new namespaces (CLONE_NEW* flags); the same return values. Throws Error (code tool).
pid_t fork_into_namespaces(unsigned long namespaces);

/// Waits for a child; its exit code, 128 + number when a signal ended it.
int wait_for(pid_t child);

} // namespace kiln::process
