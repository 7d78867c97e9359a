#pragma once

#include "element/phase.hpp"
#include "process/command.hpp"
#include "report/reporter.hpp"
#include "sandbox/chroot.hpp"
#include "sandbox/layer_stack.hpp"
#include "util/error.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace kiln::sandbox {

enum class Network { host, none };

enum class OnFailure { stop, shell };

/// Constant places and limits of a build's hooks.
struct HookSite {
    /// The hooks tree on the host side.
    std::string hooks;
    std::string resolv_conf{};
    std::optional<std::chrono::milliseconds> timeout{};
    Network network = Network::host;
    /// shell: a failed hook's root is shown to the user, who must have a terminal, in a shell.
    OnFailure on_failure = OnFailure::stop;
    /// Folder of the per-hook logs outside, for messages.
    std::string log_directory{};
};

/// One hook to run.
struct HookRun {
    element::PhaseInfo phase;
    std::string element;
    std::string name;
    process::Environment environment{};
    std::vector<Shim> shims{};
};

/// What a hook wrote to its standard output (phases that answer, as block-device-size): of much at
/// least the last MiB.
struct HookOutput {
    std::string out;
};

/// Runs hooks, each on a layer of its own and in PID and mount namespaces of its own.
class HookRunner {
public:
    HookRunner(process::Runner& runner,
               report::Reporter& reporter,
               LayerStack& layers,
               HookSite site)
        : runner_(runner), reporter_(reporter), layers_(layers), site_(std::move(site)) {}

    /// Throws Error (code hook) with the last lines of output when the hook fails.
    HookOutput run(const HookRun& hook);

private:
    HookOutput run_here(const HookRun& hook);
    [[nodiscard]] process::Command command_for(const HookRun& hook) const;
    void open_shell(const HookRun& hook, const util::Error& error);
    [[nodiscard]] ChrootPlan chroot_plan(const HookRun& hook) const;
    [[nodiscard]] util::Error failure(const HookRun& hook,
                                      const process::Result& result,
                                      std::vector<std::string> lines) const;

    process::Runner& runner_;
    report::Reporter& reporter_;
    LayerStack& layers_;
    HookSite site_;
};

} // namespace kiln::sandbox
