#pragma once

namespace kiln::cli {

/// Makes the process independent of what it inherited: closed standard descriptors are opened on
/// /dev/null (files opened later would take their numbers), all others are kept from the programs
/// that it starts, SIGPIPE is an error of write(2), and SIGCHLD is not ignored (then wait(2) would
/// never tell of an end).
void settle_process() noexcept;

} // namespace kiln::cli
