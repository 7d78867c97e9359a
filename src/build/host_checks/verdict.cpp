#include "build/host_checks/verdict.hpp"

#include <algorithm>

namespace kiln::build {

const char* state_name(CheckState state) {
    switch (state) {
    case CheckState::ok:
        return "ok";
    case CheckState::warn:
        return "warn";
    case CheckState::fail:
        break;
    }
    return "fail";
}

const char* way_name(BuildWay way) {
    switch (way) {
    case BuildWay::as_root:
        return "as root";
    case BuildWay::in_user_namespace:
        return "in a user namespace";
    case BuildWay::through_helper:
        return "through the sudo helper";
    case BuildWay::none:
        break;
    }
    return "cannot";
}

bool Verdict::can_build() const {
    return way != BuildWay::none &&
           std::none_of(checks.begin(), checks.end(), [](const HostCheck& check) {
               return check.state == CheckState::fail;
           });
}

BuildWay choose_way(const HostFacts& facts) {
    if (facts.namespaces.sandbox.works()) {
        return facts.root ? BuildWay::as_root : BuildWay::in_user_namespace;
    }
    return !facts.root && facts.helper.sandbox.works() ? BuildWay::through_helper : BuildWay::none;
}

Verdict judge(const HostFacts& facts) {
    Verdict verdict{.way = choose_way(facts)};
    judge_namespaces(facts, verdict.way, verdict.checks);
    judge_ids(facts, verdict.way, verdict.checks);
    judge_machine(facts, verdict.checks);
    judge_software(facts, verdict.checks);
    return verdict;
}

} // namespace kiln::build
