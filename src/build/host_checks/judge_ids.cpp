#include "build/host_checks/verdict.hpp"
#include "util/text.hpp"

namespace kiln::build {
namespace {

std::string count_of(const std::optional<sandbox::IdRange>& range) {
    return std::to_string(range ? range->count : 0);
}

HostCheck judge_ranges(const HostFacts& facts) {
    const IdFacts& ids = facts.ids;
    HostCheck check = {.name = "subordinate ids",
                       .finding = count_of(ids.users) + " users, " + count_of(ids.groups) +
                                  " groups for '" + facts.user + "'",
                       .meaning = "the users of an image are ids of this user"};
    if (!sandbox::is_enough(ids.users) || !sandbox::is_enough(ids.groups)) {
        const std::string range = std::to_string(ids.free_id) + "-" +
                                  std::to_string(ids.free_id + sandbox::k_needed_ids - 1);
        check.state = CheckState::fail;
        check.meaning = "an image has 65536 users, which a plain user's build cannot map";
        check.mend = "sudo usermod --add-subuids " + range + " --add-subgids " + range + " " +
                     util::shell_quote(facts.user);
    }
    return check;
}

HostCheck judge_map_tool(const HostFacts& facts, const MapTool& tool, BuildWay way) {
    const CheckState bad = way == BuildWay::through_helper ? CheckState::warn : CheckState::fail;
    HostCheck check = {.name = tool.name,
                       .finding = tool.path,
                       .meaning = "maps the ids of an image to this user's"};
    if (tool.path.empty()) {
        check.state = bad;
        check.finding = "not installed";
        check.mend = "sudo apt-get install --no-install-recommends uidmap";
    } else if (!tool.privileged) {
        check.state = bad;
        check.finding = tool.path + " is neither set-uid root nor has file capabilities";
        check.meaning = "it cannot map the ids of an image";
        check.mend = "sudo chmod u+s " + tool.path;
    } else if (facts.namespaces.no_new_privileges) {
        check.state = bad;
        check.finding = "this process may gain no rights (no_new_privs)";
        check.meaning = "set-uid programs do not work here, so ids cannot be mapped";
        check.mend = facts.namespaces.in_container
                         ? "docker run without --security-opt no-new-privileges ..."
                         : "";
    }
    return check;
}

} // namespace

void judge_ids(const HostFacts& facts, BuildWay way, std::vector<HostCheck>& checks) {
    if (facts.root) {
        return;
    }
    checks.push_back(judge_ranges(facts));
    checks.push_back(judge_map_tool(facts, facts.ids.user_map, way));
    checks.push_back(judge_map_tool(facts, facts.ids.group_map, way));
}

} // namespace kiln::build
