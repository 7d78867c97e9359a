#pragma once

#include "build/context.hpp"
#include "build/layer_cache.hpp"
#include "element/break_points.hpp"
#include "element/hook_list.hpp"
#include "element/hook_tree.hpp"
#include "element/phase.hpp"
#include "report/reporter.hpp"
#include "sandbox/hook_runner.hpp"

#include <string>
#include <vector>

namespace kiln::build {

/// Runs the hooks of one phase after another.
class PhaseRunner {
public:
    PhaseRunner(const BuildContext& context,
                const element::HookTree& tree,
                report::Reporter& reporter,
                sandbox::HookRunner& hooks,
                LayerCache& cache)
        : context_(context),
          tree_(tree),
          reporter_(reporter),
          hooks_(hooks),
          cache_(cache),
          breaks_(context.options.break_points) {}

    /// More variables for the hooks of later phases (IMAGE_BLOCK_DEVICE, ...).
    void set_variable(const std::string& name, std::string value) {
        variables_[name] = std::move(value);
    }

    /// Runs all hooks of a phase, warning about files that the rules leave out; gives what they
    /// wrote to standard output. A phase without hooks is not told of.
    std::string run(element::Phase phase);

    /// Runs hooks that kiln made itself, in the folder `<name>.d`, in the chroot.
    void run_own(const std::string& name);

private:
    std::string run_hooks(const element::PhaseInfo& phase);
    void run_hook(const element::PhaseInfo& phase, const std::string& name, std::string& output);
    void run_or_reuse(const sandbox::HookRun& hook, std::string& output);
    /// Stops at `<time>-<phase>` or `<time>-<phase>/<hook>` if that is a break point.
    void pause_at(const char* time, const element::PhaseInfo& phase, const std::string& hook = {});
    [[nodiscard]] sandbox::HookRun hook_run(const element::PhaseInfo& phase,
                                            const std::string& name) const;
    [[nodiscard]] std::string element_of(const element::PhaseInfo& phase,
                                         const std::string& name) const;
    void warn_of_missed_breaks(const element::PhaseInfo& phase,
                               const element::HookList& list) const;
    void warn_of_skipped(const element::PhaseInfo& phase, const element::HookList& list) const;

    const BuildContext& context_;
    const element::HookTree& tree_;
    report::Reporter& reporter_;
    sandbox::HookRunner& hooks_;
    LayerCache& cache_;
    element::BreakPoints breaks_;
    process::Environment variables_{};
};

} // namespace kiln::build
