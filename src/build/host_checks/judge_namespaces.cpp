#include "build/host_checks/verdict.hpp"
#include "sandbox/helper_namespace.hpp"
#include "util/text.hpp"

namespace kiln::build {
namespace {

using Checks = std::vector<HostCheck>;

/// A setting of the kernel that shall stay.
std::string sysctl_line(const std::string& setting) {
    return "echo " + setting + " | sudo tee -a /etc/sysctl.d/60-kiln.conf && sudo sysctl --system";
}

/// Lets this one program make user namespaces where AppArmor keeps others from it.
std::string apparmor_line(const std::string& binary) {
    return "printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile kiln " + binary +
           " flags=(unconfined) {\\n  userns,\\n}\\n' | sudo tee /etc/apparmor.d/kiln && "
           "sudo apparmor_parser -r /etc/apparmor.d/kiln";
}

const char* container_line() {
    return "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
           "--security-opt systempaths=unconfined ...";
}

/// The line for what closes user namespaces here.
std::string opening_line(const HostFacts& facts) {
    const NamespaceFacts& namespaces = facts.namespaces;
    if (namespaces.max_user_namespaces == 0U) {
        return sysctl_line("user.max_user_namespaces=15000");
    }
    if (namespaces.unprivileged_clone == 0U) {
        return sysctl_line("kernel.unprivileged_userns_clone=1");
    }
    if (namespaces.apparmor_restrict.value_or(0) != 0) {
        return apparmor_line(facts.binary);
    }
    return namespaces.in_container ? container_line() : "";
}

void judge_user_namespaces(const HostFacts& facts, BuildWay way, Checks& checks) {
    HostCheck check = {.name = "user namespaces"};
    const Trial& trial = facts.namespaces.user_namespace;
    if (facts.root) {
        check.finding = "not needed by root";
        check.meaning = "hooks run as root, with fewer capabilities";
    } else if (trial.works()) {
        check.finding = "open to plain users";
        check.meaning = "a build needs no root";
    } else {
        check.state = way == BuildWay::through_helper ? CheckState::warn : CheckState::fail;
        check.finding = "closed: " + trial.reason;
        check.meaning = way == BuildWay::through_helper
                            ? "a build goes through the sudo helper"
                            : "a plain user cannot build; root can, or the sudo helper "
                              "(sudoers.d/README.md)";
        check.mend = opening_line(facts);
    }
    checks.push_back(check);
}

/// What nothing else tells of: the whole way into the sandbox.
void judge_sandbox(const HostFacts& facts, BuildWay way, Checks& checks) {
    const NamespaceFacts& namespaces = facts.namespaces;
    HostCheck check = {.name = "sandbox"};
    if (namespaces.sandbox.works()) {
        check.finding = "namespaces, ids and a private root were made and are gone";
        check.meaning = "hooks can run";
    } else {
        const bool helped = way == BuildWay::through_helper;
        check.state = helped ? CheckState::warn : CheckState::fail;
        check.finding =
            namespaces.sandbox.reason.empty() ? "was not tried" : namespaces.sandbox.reason;
        check.meaning = helped ? "the sudo helper makes what is missing" : "no hook can run";
        check.mend = facts.root && namespaces.in_container ? "docker run --privileged ..." : "";
    }
    checks.push_back(check);
}

void judge_proc(const HostFacts& facts, Checks& checks) {
    const Trial& trial = facts.namespaces.proc;
    if (trial.state == Trial::State::untried) {
        return;
    }
    HostCheck check = {.name = "/proc", .finding = "can be mounted afresh"};
    check.meaning = "hooks see their own processes only";
    if (trial.fails()) {
        check.state = CheckState::warn;
        check.finding = "is masked (a container): " + trial.reason;
        check.meaning = "hooks see the /proc of the container, and what they leave running is "
                        "ended without being named";
        check.mend = "docker run --security-opt systempaths=unconfined ...";
    }
    checks.push_back(check);
}

const Place* work_place(const HostFacts& facts) {
    return facts.places.empty() ? nullptr : &facts.places.front();
}

void judge_overlay(const HostFacts& facts, Checks& checks) {
    const Trial& trial = facts.namespaces.overlay;
    const Place* place = work_place(facts);
    if (place == nullptr) {
        return;
    }
    const std::string where = "'" + place->path.string() + "' (" + place->filesystem + ")";
    HostCheck check = {.name = "overlay"};
    const bool refused = place->filesystem == "overlay" || place->filesystem == "nfs";
    if (refused || trial.fails()) {
        check.state = CheckState::fail;
        check.finding = refused ? "layers cannot lie on " + where
                                : "no layers in " + where + ": " + trial.reason;
        check.meaning = "a build has nowhere to keep its layers";
        check.mend = "kiln build --work-dir /var/tmp/kiln-" + facts.user + " ...";
    } else if (trial.works()) {
        check.finding = "layers work in " + where;
        check.meaning = "each hook gets a layer of its own";
    } else {
        check.state = CheckState::warn;
        check.finding = "not tried in " + where;
        check.meaning = "the sandbox comes first";
    }
    checks.push_back(check);
}

void judge_helper(const HostFacts& facts, BuildWay way, Checks& checks) {
    if (facts.root || (way == BuildWay::in_user_namespace && !facts.helper.installed)) {
        return;
    }
    HostCheck check = {.name = "sudo helper",
                       .meaning = "needed only where user namespaces are closed"};
    if (facts.helper.installed && facts.helper.permitted) {
        check.finding = "installed, and sudo permits it to this user";
        if (facts.helper.sandbox.fails()) {
            check.state = CheckState::fail;
            check.finding = "it made no sandbox: " + facts.helper.sandbox.reason;
            check.meaning = "a build has no other way here";
            check.mend = opening_line(facts);
        }
    } else if (facts.helper.installed) {
        check.state = way == BuildWay::none ? CheckState::warn : CheckState::ok;
        check.finding = "installed; this user may not use it";
        check.mend =
            "sudo usermod -aG kiln " + util::shell_quote(facts.user) + "   (then log in again)";
    } else {
        check.state = CheckState::warn;
        check.finding = std::string("not installed: ") + sandbox::k_namespace_helper;
        check.mend = "see sudoers.d/README.md; or run kiln as root";
    }
    checks.push_back(check);
}

} // namespace

void judge_namespaces(const HostFacts& facts, BuildWay way, Checks& checks) {
    judge_user_namespaces(facts, way, checks);
    judge_sandbox(facts, way, checks);
    judge_proc(facts, checks);
    judge_overlay(facts, checks);
    judge_helper(facts, way, checks);
}

} // namespace kiln::build
