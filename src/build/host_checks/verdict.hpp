#pragma once

#include "build/host_checks/host_facts.hpp"

#include <string>
#include <vector>

namespace kiln::build {

enum class CheckState { ok, warn, fail };

/// "ok", "warn", "fail".
const char* state_name(CheckState state);

/// What one look at the host came to.
struct HostCheck {
    std::string name;
    CheckState state = CheckState::ok;
    /// The fact.
    std::string finding;
    /// What it means for a build.
    std::string meaning{};
    /// A line to paste that mends it; empty when there is nothing to mend, or no such line.
    std::string mend{};
};

/// How a build gets its namespaces.
enum class BuildWay { as_root, in_user_namespace, through_helper, none };

/// "as root", "in a user namespace", "through the sudo helper", "cannot".
const char* way_name(BuildWay way);

struct Verdict {
    std::vector<HostCheck> checks{};
    BuildWay way = BuildWay::none;

    /// Whether a build can run: no check failed.
    [[nodiscard]] bool can_build() const;
};

/// Judges the facts; effects are elsewhere.
Verdict judge(const HostFacts& facts);

BuildWay choose_way(const HostFacts& facts);

/// The parts of judge().
void judge_namespaces(const HostFacts& facts, BuildWay way, std::vector<HostCheck>& checks);
void judge_ids(const HostFacts& facts, BuildWay way, std::vector<HostCheck>& checks);
void judge_machine(const HostFacts& facts, std::vector<HostCheck>& checks);
void judge_software(const HostFacts& facts, std::vector<HostCheck>& checks);

/// Whether a version ("6.2.0") is at least another, number by number.
bool is_at_least(const std::string& version, const std::string& minimum);

} // namespace kiln::build
