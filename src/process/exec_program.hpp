#pragma once

#include "process/command.hpp"
#include "util/fd.hpp"

#include <string>

namespace kiln::process {

/// What a new program gets as its standard streams, and where it reports that it could not start.
struct ProgramStreams {
    int input = -1;
    int output = -1;
    int errors = -1;
    int failure = -1;
};

/// The text that a command gives its program, or /dev/null.
util::Fd make_input(const Command& command);

/// In a forked child: becomes the program, or writes why not to streams.failure and ends.
[[noreturn]] void become_program(const Command& command, const ProgramStreams& streams);

/// In the parent: the Error (code tool) for what a child wrote to its failure stream.
[[noreturn]] void throw_start_failure(const Command& command, const std::string& message);

/// A forked child begins with signals as programs expect them, in a process group of its own.
void settle_child();

} // namespace kiln::process
