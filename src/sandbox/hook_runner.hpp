#pragma once

#include "element/phase.hpp"
#include "process/command.hpp"
#include "report/reporter.hpp"
#include "sandbox/hook_command.hpp"
#include "sandbox/layer_stack.hpp"
#include "sandbox/left_mounts.hpp"
#include "util/error.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::sandbox {

/// What a hook wrote to its standard output (phases that answer, as block-device-size): of much at
/// least the last MiB.
struct HookOutput {
    std::string out;
    LayerStack::Kept kept = LayerStack::Kept::yes;
};

/// Runs hooks, each on a layer of its own and in PID and mount namespaces of its own; what a host
/// hook leaves mounted below the tree is there for the hooks after it.
class HookRunner {
public:
    HookRunner(process::Runner& runner,
               report::Reporter& reporter,
               LayerStack& layers,
               HookSite site)
        : runner_(runner),
          reporter_(reporter),
          layers_(layers),
          site_(std::move(site)),
          left_mounts_(site_.left_mounts) {}

    /// Throws Error (code hook) with the last lines of output when the hook fails, and the user
    /// does not ask for another try. When a host hook failed because a tool of kiln's that it
    /// called did, with its exit code, that tool's fact, hint and code (usage, tool, remote) count.
    HookOutput run(const HookRun& hook);

    /// Opens the break shell (or runs the break command) at a place of the build, on a layer of
    /// its own. Throws Error (code hook) when the user stops the build there.
    void pause_at(const HookRun& place);

    /// Whether the user has been in the tree: what is in it now follows from no input.
    [[nodiscard]] bool was_paused() const noexcept { return paused_; }

    /// The mounts that hooks have left.
    [[nodiscard]] LeftMounts& left_mounts() noexcept { return left_mounts_; }

private:
    /// How a hook ended.
    struct Attempt {
        HookOutput output{};
        std::optional<util::Error> error{};
    };

    /// What the user wants after a break.
    enum class Choice { go_on, retry, retry_on_clean_tree, stop };

    HookOutput run_here(const HookRun& hook);
    std::optional<HookOutput> run_on_layer(const HookRun& hook);
    Attempt attempt(const HookRun& hook);
    process::Result
    run_command(const HookRun& hook, std::vector<std::string>& tail, std::string& out);
    [[nodiscard]] HookContext context() const;
    Choice choose_after(const HookRun& hook, const util::Error& error);
    Choice open_break(const HookRun& hook);
    [[nodiscard]] std::optional<util::ErrorInfo> take_tool_error(const HookRun& hook,
                                                                 int exit_code) const;
    [[nodiscard]] util::Error failure(const HookRun& hook,
                                      const process::Result& result,
                                      std::vector<std::string> lines) const;

    process::Runner& runner_;
    report::Reporter& reporter_;
    LayerStack& layers_;
    HookSite site_;
    LeftMounts left_mounts_;
    bool paused_ = false;
};

} // namespace kiln::sandbox
