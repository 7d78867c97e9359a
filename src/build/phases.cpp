#include "build/phases.hpp"

#include "build/hook_environment.hpp"
#include "util/edit_distance.hpp"
#include "util/text.hpp"

#include <algorithm>

namespace kiln::build {
namespace {

using element::Phase;
using element::PhaseInfo;

std::vector<sandbox::Shim> shims_for(const PhaseInfo& phase, const Installation& installation) {
    if (phase.phase != Phase::finalise) {
        return {};
    }
    return {{installation.shims / "grub-install", "usr/sbin/grub-install"},
            {installation.shims / "grub-probe", "usr/sbin/grub-probe"}};
}

/// Host hooks of other phases answer, or hand out files, and what they read nobody knows: they run
/// every time.
bool is_stored(const PhaseInfo& phase) {
    return phase.phase == Phase::root || phase.side == element::Side::chroot;
}

std::string name_pattern(const BuildContext& context) {
    const auto found = context.options.environment.find("RUN_PARTS_REGEX");
    return found == context.options.environment.end() ? element::k_hook_name_pattern
                                                      : found->second;
}

} // namespace

std::string PhaseRunner::run(Phase phase) {
    return run_hooks(element::phase_info(phase));
}

void PhaseRunner::run_own(const std::string& name) {
    run_hooks({.phase = Phase::install, .name = name, .side = element::Side::chroot});
}

std::string PhaseRunner::run_hooks(const PhaseInfo& phase) {
    const std::string directory = std::string(Paths::k_hooks) + "/" + phase.name + ".d";
    const element::HookList list = element::list_hooks(directory, name_pattern(context_));
    warn_of_skipped(phase, list);
    warn_of_missed_breaks(phase, list);
    std::string output;
    pause_at("before-", phase);
    if (!list.hooks.empty()) {
        report::Step step(reporter_, phase.name);
        try {
            for (const std::string& name : list.hooks) {
                run_hook(phase, name, output);
            }
        } catch (const PlanEnd&) {
            step.done();
            throw;
        }
        step.done();
    }
    pause_at("after-", phase);
    return output;
}

void PhaseRunner::run_hook(const PhaseInfo& phase, const std::string& name, std::string& output) {
    pause_at("before-", phase, name);
    run_or_reuse(hook_run(phase, name), output);
    pause_at("after-", phase, name);
}

void PhaseRunner::run_or_reuse(const sandbox::HookRun& hook, std::string& output) {
    if (!is_stored(hook.phase)) {
        const sandbox::HookOutput result = hooks_.run(hook);
        output += result.out;
        cache_.note_hook(hook, result.kept);
    } else if (!cache_.reuse(hook)) {
        const sandbox::HookOutput result = hooks_.run(hook);
        output += result.out;
        cache_.keep(hook, result.kept);
    }
}

void PhaseRunner::pause_at(const char* time, const PhaseInfo& phase, const std::string& hook) {
    const std::string place = time + phase.name + (hook.empty() ? "" : "/" + hook);
    if (breaks_.at(place)) {
        hooks_.pause_at(hook_run(phase, hook));
    }
}

sandbox::HookRun PhaseRunner::hook_run(const PhaseInfo& phase, const std::string& name) const {
    sandbox::HookRun hook = {.phase = phase,
                             .element = element_of(phase, name),
                             .name = name,
                             .environment = hook_environment(context_, phase),
                             .shims = shims_for(phase, context_.installation),
                             .working_directory = Paths::k_output};
    hook.renew = [&tree = tree_, element = hook.element] {
        tree.write_element(Paths::k_hooks, element);
    };
    for (const auto& [variable, value] : variables_) {
        hook.environment[variable] = value;
    }
    return hook;
}

std::string PhaseRunner::element_of(const PhaseInfo& phase, const std::string& name) const {
    const std::string element = tree_.element_of(phase.name + ".d/" + name);
    return element.empty() ? "kiln" : element;
}

/// Which hooks there are is known only now: hooks of earlier phases may have added some.
void PhaseRunner::warn_of_missed_breaks(const PhaseInfo& phase,
                                        const element::HookList& list) const {
    for (const std::string& point : breaks_.at_hooks_of(phase.name)) {
        const std::string hook = point.substr(point.find('/') + 1);
        if (std::find(list.hooks.begin(), list.hooks.end(), hook) == list.hooks.end()) {
            reporter_.warn("break point '" + point + "' is never reached; " +
                           util::did_you_mean(
                               hook, list.hooks, "hooks there: " + util::join(list.hooks, ", ")));
        }
    }
}

void PhaseRunner::warn_of_skipped(const PhaseInfo& phase, const element::HookList& list) const {
    for (const element::HookList::Skipped& skipped : list.skipped) {
        reporter_.warn("hook '" + skipped.name + "' of element '" +
                       element_of(phase, skipped.name) + "' does not run in phase " + phase.name +
                       ": " + skipped.reason);
    }
}

} // namespace kiln::build
