#pragma once

#include "element/phase.hpp"
#include "process/command.hpp"
#include "sandbox/chroot.hpp"
#include "sandbox/left_mounts.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kiln::sandbox {

enum class Network { host, none };

enum class OnFailure { stop, break_shell };

/// What happens at a break point.
struct BreakSettings {
    /// For bash; empty: an interactive shell.
    std::string command{};
    /// On the host side even where the hooks run in the chroot.
    bool outside_target = false;
    /// Whether there is a terminal to give to it.
    bool terminal = false;
};

/// Constant places and limits of a build's hooks.
struct HookSite {
    /// The hooks tree on the host side.
    std::string hooks;
    std::string resolv_conf{};
    /// A folder for the mounts that hooks leave.
    std::string left_mounts{};
    std::optional<std::chrono::milliseconds> timeout{};
    Network network = Network::host;
    OnFailure on_failure = OnFailure::stop;
    BreakSettings breaks{};
    /// Folder of the per-hook logs outside, for messages.
    std::string log_directory{};
    /// The file in which a tool of kiln's that a host hook calls leaves its error.
    std::string tool_error{};
};

/// One hook to run.
struct HookRun {
    element::PhaseInfo phase;
    std::string element;
    std::string name;
    process::Environment environment{};
    std::vector<Shim> shims{};
    /// Where a host hook starts.
    std::string working_directory = "/";
    /// Brings the element's files into the hooks tree anew, for another try.
    std::function<void()> renew{};
};

/// What a hook's command needs to know beside the hook.
struct HookContext {
    const HookSite& site;
    /// Where the tree is mounted.
    std::string tree;
    const LeftMounts& left_mounts;
    /// Where the init of a host hook sends what the hook leaves mounted; below 0: nowhere.
    int mounts_socket = -1;
};

/// The program of break points, in the hooks tree.
inline constexpr const char* k_break_shell = ".kiln/break-shell";

/// The command that sources the files of environment.d and becomes the hook, in namespaces of its
/// own.
process::Command hook_command(const HookRun& hook, const HookContext& context);

/// The same for the break shell (k_break_shell) in the place of a hook.
process::Command break_command(const HookRun& hook, const HookContext& context);

} // namespace kiln::sandbox
