#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace kiln::build {

/// Runs a probe in a process of its own and gives what it returned; nothing when it took longer
/// (a mount whose server has gone, a hanging device) or ended otherwise. Never hangs itself: a
/// process that cannot be killed is left to the kernel. The caller must have one thread.
std::optional<std::string> answer_within(std::chrono::milliseconds limit,
                                         const std::function<std::string()>& probe);

} // namespace kiln::build
