#pragma once

#include "build/host_checks/host_facts.hpp"

#include <filesystem>

namespace kiln::build {

/// Tries the sandbox of a build for real and takes it all away again: a user namespace (when not
/// root), the namespaces and the id map, a private root, a fresh /proc, and overlay layers in the
/// work folder. Fills user_namespace, sandbox, proc and overlay. Bounded in time.
void probe_sandbox(const std::filesystem::path& work_directory, NamespaceFacts& facts);

/// The same in a user namespace that the sudo helper makes. Fills helper.sandbox, proc and overlay.
void probe_helper_sandbox(const std::filesystem::path& work_directory, HostFacts& facts);

} // namespace kiln::build
