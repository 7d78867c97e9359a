#pragma once

#include <functional>

namespace kiln::sandbox {

/// What the init of a hook does when the hook has succeeded and all its processes are gone.
struct LastAct {
    /// Kept open for it; all other descriptors are closed. Below 0: none.
    int descriptor = -1;
    std::function<void(int descriptor)> run{};
};

/// Called in the first process of a hook's own PID namespace, before exec: forks. The parent stays
/// as the namespace's init, waits for the hook, ends (and names on stderr) what the hook left
/// running, does the last act, and exits as the hook did; the child returns and goes on to be the
/// hook. So a hook is never PID 1 itself, which the kernel shields from signals.
void become_hook(const LastAct& last = {});

/// Takes the capabilities from the bounding set that a user namespace would not give either (nodes,
/// kernel modules, the clock, ...), so that a build as root does what one as a user does.
void drop_host_capabilities();

} // namespace kiln::sandbox
