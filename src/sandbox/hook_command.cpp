#include "sandbox/hook_command.hpp"

#include "element/hook_list.hpp"
#include "sandbox/hook_process.hpp"
#include "sandbox/mount.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <sched.h>

namespace kiln::sandbox {
namespace {

using element::Side;

/// Sources the files of environment.d, then becomes the hook.
constexpr const char* k_runner_script = R"(set -ue -o pipefail
hook=$1
shift
[ "${DIB_DEBUG_TRACE:-0}" = 0 ] || set -x
for file in "$@"; do source "$file"; done
set +x
exec "$hook"
)";

LastAct report_mounts(const HookContext& context) {
    return {.descriptor = context.mounts_socket, .run = [tree = context.tree](int descriptor) {
                if (!send_mounts(descriptor, mounts_below(tree))) {
                    throw util::Error(
                        {.what = "what the hook has mounted is not kept for later hooks"});
                }
            }};
}

/// What the child does before it becomes the program.
std::function<void()> entry_of(const HookRun& hook, const HookContext& context) {
    const ChrootPlan plan = {.root = context.tree,
                             .hooks = context.site.hooks,
                             .resolv_conf = context.site.resolv_conf,
                             .shims = hook.shims};
    if (hook.phase.side == Side::chroot) {
        return [plan, &left_mounts = context.left_mounts] {
            left_mounts.attach(util::RootDir(plan.root));
            enter_chroot(plan);
            drop_host_capabilities();
            become_hook();
        };
    }
    const LastAct last = context.mounts_socket < 0 ? LastAct{} : report_mounts(context);
    const KernelFiles kernel_files =
        hook.phase.phase == element::Phase::root ? KernelFiles::dev : KernelFiles::dev_proc_sys;
    return [path = context.tree, last, kernel_files, &left_mounts = context.left_mounts] {
        const util::RootDir tree(path);
        mount_proc("/proc");
        mount_kernel_files(tree, kernel_files);
        left_mounts.attach(tree);
        drop_host_capabilities();
        become_hook(last);
    };
}

process::Command
command_of(const std::string& program, const HookRun& hook, const HookContext& context) {
    const HookSite& site = context.site;
    const std::string hooks = hook.phase.side == Side::chroot ? k_hooks_in_target : site.hooks;
    process::Command command = {
        .argv = {"/bin/bash", "-c", k_runner_script, "kiln-hook", util::child_path(hooks, program)},
        .environment = hook.environment,
        .working_directory = hook.phase.side == Side::host ? hook.working_directory : "/",
        .timeout = site.timeout};
    for (const std::string& name : element::environment_files(site.hooks + "/environment.d")) {
        command.argv.push_back(util::child_path(hooks + "/environment.d", name));
    }
    command.namespaces = CLONE_NEWPID | CLONE_NEWNS;
    command.namespaces |= site.network == Network::none ? CLONE_NEWNET : 0UL;
    command.child_setup = entry_of(hook, context);
    return command;
}

} // namespace

process::Command hook_command(const HookRun& hook, const HookContext& context) {
    return command_of(util::child_path(hook.phase.name + ".d", hook.name), hook, context);
}

process::Command break_command(const HookRun& hook, const HookContext& context) {
    const BreakSettings& breaks = context.site.breaks;
    HookRun place = hook;
    if (breaks.outside_target) {
        place.phase.side = Side::host;
    }
    process::Command shell = command_of(k_break_shell, place, context);
    shell.environment["KILN_BREAK_COMMAND"] = breaks.command;
    shell.environment["KILN_BREAK_PLACE"] =
        hook.phase.name + (hook.name.empty() ? "" : "/" + hook.name);
    shell.stdio = breaks.terminal ? process::Stdio::terminal : process::Stdio::captured;
    shell.timeout.reset();
    return shell;
}

} // namespace kiln::sandbox
