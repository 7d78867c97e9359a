#pragma once

#include "build/context.hpp"
#include "sandbox/layer_stack.hpp"
#include "util/root_dir.hpp"

namespace kiln::build {

/// Throws Error (code hook) when the root phase left an empty tree.
void require_root(const util::RootDir& tree, const std::vector<element::Element>& elements);

/// Takes out of the tree what only the build needed: what is in /tmp, /run, /dev, /proc and /sys,
/// logs (kept as empty files), /root/*.log, and a resolv.conf that is the host's.
void scrub(const util::RootDir& tree, const std::string& host_resolv_conf);

} // namespace kiln::build
