#pragma once

#include "workspace.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace kiln::tests {

/// All descendants of a process, parents before children.
std::vector<pid_t> descendants(pid_t process);

/// The name of a process; empty when it has gone or is a zombie.
std::string process_name(pid_t process);

/// Processes and mounts of the host that mention the workspace; none after a build.
std::vector<std::string> leftovers(const Workspace& space);

/// "losetup -a".
std::string loop_devices();

/// Nothing of a build runs or is mounted any more, soon.
void expect_nothing_runs(const Workspace& space);

/// Nothing of a build lies beside the output or in the work folder.
void expect_nothing_lies_around(const Workspace& space);

} // namespace kiln::tests
