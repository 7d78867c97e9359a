#pragma once

#include "workspace.hpp"

#include <sys/types.h>

#include <functional>
#include <string>

namespace kiln::tests {

/// Where a build stands still.
enum class Stop { root, extra_data, pre_install, install, finalise, writing_disk, writing_qcow2 };

/// What is killed, and how.
enum class Blow { interrupt, terminate, kill_kiln, kill_init, kill_worker, kill_work };

std::string stop_name(Stop stop);
std::string blow_name(Blow blow);

/// Starts a build that stands still at a place; ends it so; and expects that nothing remains and
/// that the next build succeeds.
void end_a_build(Stop stop, Blow blow, User user);

} // namespace kiln::tests
