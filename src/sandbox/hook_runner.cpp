#include "sandbox/hook_runner.hpp"

#include "element/hook_list.hpp"
#include "report/log_reporter.hpp"
#include "sandbox/hook_process.hpp"
#include "sandbox/mount.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <sched.h>

#include <deque>

namespace kiln::sandbox {
namespace {

using element::Side;

constexpr std::size_t k_excerpt_lines = 20;

/// What is kept of a hook's standard output; its last lines are the answer.
constexpr std::size_t k_most_output = std::size_t{1024} * 1024;

/// SIGRTMAX: an exit code of more than 128 + this is the hook's own.
constexpr int k_last_signal = 64;

/// Sources the files of environment.d, then becomes the hook.
constexpr const char* k_runner_script = R"(set -ue -o pipefail
hook=$1
shift
[ "${DIB_DEBUG_TRACE:-0}" = 0 ] || set -x
for file in "$@"; do source "$file"; done
set +x
exec "$hook"
)";

/// The last lines of output, for the message of a failure.
class Tail {
public:
    void add(std::string line) {
        lines_.push_back(std::move(line));
        if (lines_.size() > k_excerpt_lines) {
            lines_.pop_front();
        }
    }

    [[nodiscard]] std::vector<std::string> lines() const { return {lines_.begin(), lines_.end()}; }

private:
    std::deque<std::string> lines_;
};

std::string hint_for(int exit_code) {
    if (exit_code == 126 || exit_code == 127) {
        return "is its '#!' program, or one that it calls, in the tree? trace it with: -x";
    }
    return "look around in the failed root: build again with --on-error=shell   (-x traces lines)";
}

void append_line(std::string& text, std::string_view line) {
    text.append(line).append("\n");
    if (text.size() > 2 * k_most_output) {
        text.erase(0, text.size() - k_most_output);
    }
}

void enter_host_side() {
    mount_proc("/proc");
}

} // namespace

ChrootPlan HookRunner::chroot_plan(const HookRun& hook) const {
    return {.root = layers_.mount_path(),
            .hooks = site_.hooks,
            .resolv_conf = site_.resolv_conf,
            .shims = hook.shims};
}

process::Command HookRunner::command_for(const HookRun& hook) const {
    const bool in_chroot = hook.phase.side == Side::chroot;
    const std::string hooks = in_chroot ? k_hooks_in_target : site_.hooks;
    const std::string path =
        util::child_path(util::child_path(hooks, hook.phase.name + ".d"), hook.name);
    process::Command command = {.argv = {"/bin/bash", "-c", k_runner_script, "kiln-hook", path},
                                .environment = hook.environment,
                                .working_directory = "/",
                                .timeout = site_.timeout};
    for (const std::string& name : element::environment_files(site_.hooks + "/environment.d")) {
        command.argv.push_back(util::child_path(hooks + "/environment.d", name));
    }
    command.namespaces = CLONE_NEWPID | CLONE_NEWNS;
    command.namespaces |= site_.network == Network::none ? CLONE_NEWNET : 0UL;
    command.child_setup = [plan = chroot_plan(hook), in_chroot] {
        if (in_chroot) {
            enter_chroot(plan);
        } else {
            enter_host_side();
        }
        drop_host_capabilities();
        become_hook();
    };
    return command;
}

HookOutput HookRunner::run(const HookRun& hook) {
    return util::with_context("phase " + hook.phase.name, [&] {
        return util::with_context("element '" + hook.element + "'", [&] { return run_here(hook); });
    });
}

HookOutput HookRunner::run_here(const HookRun& hook) {
    report::Step step(reporter_,
                      {.stage = hook.phase.name, .element = hook.element, .hook = hook.name});
    OpenLayer layer(layers_);
    const util::RootDir tree(layers_.mount_path());
    std::optional<ResolvConfPlace> resolv_conf;
    if (hook.phase.side == Side::chroot && !site_.resolv_conf.empty()) {
        resolv_conf.emplace(tree);
    }
    HookOutput output;
    Tail tail;
    const process::Result result =
        runner_.run(command_for(hook), [&](process::Stream stream, std::string_view line) {
            tail.add(std::string(line));
            if (stream == process::Stream::out) {
                append_line(output.out, line);
            }
            reporter_.handle({.kind = report::EventKind::output,
                              .stage = hook.phase.name,
                              .element = hook.element,
                              .hook = hook.name,
                              .text = std::string(line)});
        });
    if (result.exit_code != 0 || result.timed_out) {
        const util::Error error = failure(hook, result, tail.lines());
        if (site_.on_failure == OnFailure::shell) {
            open_shell(hook, error);
        }
        throw error; // NOLINT(misc-throw-by-value-catch-by-reference): made above
    }
    if (resolv_conf) {
        resolv_conf->remove_if_ours(tree);
    }
    layer.finish();
    step.done();
    return output;
}

void HookRunner::open_shell(const HookRun& hook, const util::Error& error) {
    for (const std::string& line : error.info().excerpt) {
        reporter_.info("    | " + line);
    }
    reporter_.warn(std::string(error.what()) +
                   "; here is a shell in its place, with its environment");
    reporter_.info("the hook: " + command_for(hook).argv[4] + "   (leave with: exit)");
    process::Command shell = command_for(hook);
    shell.argv = {"/bin/bash", "--norc", "-i"};
    shell.environment["PS1"] = "kiln " + hook.phase.name + "/" + hook.name + " \\w # ";
    shell.stdio = process::Stdio::terminal;
    shell.timeout.reset();
    reporter_.handle({.kind = report::EventKind::pause});
    runner_.run(shell);
    reporter_.handle({.kind = report::EventKind::resume});
}

util::Error HookRunner::failure(const HookRun& hook,
                                const process::Result& result,
                                std::vector<std::string> lines) const {
    std::string what = "hook '" + hook.name + "' ";
    if (result.timed_out) {
        what += "did not end within " + util::human_duration(*site_.timeout) + " (--hook-timeout)";
    } else if (result.exit_code > 128 && result.exit_code <= 128 + k_last_signal) {
        what += "was ended by signal " + std::to_string(result.exit_code - 128);
    } else {
        what += "failed with exit code " + std::to_string(result.exit_code);
    }
    return util::Error({.what = std::move(what),
                        .hint = hint_for(result.exit_code),
                        .code = util::ExitCode::hook,
                        .log = site_.log_directory + "/" +
                               report::LogReporter::hook_log_name(hook.phase.name, hook.name),
                        .excerpt = std::move(lines)});
}

} // namespace kiln::sandbox
