#include "build/host_checks/verdict.hpp"
#include "util/text.hpp"

#include <array>

namespace kiln::build {
namespace {

constexpr std::uint64_t k_mib = std::uint64_t{1024} * 1024;
constexpr std::uint64_t k_gibibyte = 1024 * k_mib;

/// What a build of a Debian server takes in a place at its highest, and what the smallest takes.
struct Need {
    std::string_view place;
    std::uint64_t usual;
    std::uint64_t least;
    const char* option;
};

constexpr std::array<Need, 3> k_needs = {{
    {"work folder", 4 * k_gibibyte, 256 * k_mib, "kiln build --work-dir DIR ..."},
    {"output folder", k_gibibyte, 64 * k_mib, "kiln build -o DIR/NAME ..."},
    {"state folder", 64 * k_mib, k_mib, "XDG_STATE_HOME=DIR kiln build ..."},
}};

constexpr std::uint64_t k_usual_memory = 512 * k_mib;

const Need& need_of(const Place& place) {
    for (const Need& need : k_needs) {
        if (need.place == place.name) {
            return need;
        }
    }
    return k_needs.back();
}

HostCheck judge_place(const Place& place) {
    const Need& need = need_of(place);
    const std::string where = "'" + place.path.string() + "'";
    HostCheck check = {.name = place.name, .meaning = "room enough for an image of a server"};
    if (!place.writable || !place.free_bytes) {
        check.state = CheckState::fail;
        check.finding = where + (place.free_bytes ? " cannot be written" : " does not answer");
        check.meaning = "a build cannot begin";
        check.mend = need.option;
        return check;
    }
    check.finding = util::human_bytes(*place.free_bytes) + " free in " + where;
    if (*place.free_bytes < need.usual) {
        check.state = *place.free_bytes < need.least ? CheckState::fail : CheckState::warn;
        check.meaning = "an image of a server takes about " + util::human_bytes(need.usual) +
                        " there while it is built";
        check.mend = need.option;
    }
    return check;
}

void judge_memory(const HostFacts& facts, std::vector<HostCheck>& checks) {
    if (!facts.available_memory) {
        return;
    }
    HostCheck check = {.name = "memory",
                       .finding = util::human_bytes(*facts.available_memory) + " available",
                       .meaning = "enough for a build and a boot test"};
    if (*facts.available_memory < k_usual_memory) {
        check.state = CheckState::warn;
        check.meaning = "a build takes about 400 MiB, a boot test 1 GiB (--memory)";
    }
    checks.push_back(check);
}

HostCheck judge_kvm(const HostFacts& facts) {
    const KvmFacts& kvm = facts.kvm;
    HostCheck check = {.name = "KVM",
                       .state = CheckState::warn,
                       .meaning = "builds do not need it; boot tests and the libguestfs appliance "
                                  "run by software, about ten times slower"};
    if (kvm.works == true) {
        check.state = CheckState::ok;
        check.finding = "works";
        check.meaning = "boot tests run at full speed";
    } else if (!kvm.device) {
        check.finding = "there is no /dev/kvm";
        check.mend = "sudo modprobe -a kvm_intel kvm_amd   (virtualisation must be on in the "
                     "firmware, or nested on the host)";
    } else if (!kvm.permitted) {
        check.finding = "this user may not use /dev/kvm";
        check.mend =
            "sudo usermod -aG kvm " + util::shell_quote(facts.user) + "   (then log in again)";
    } else if (kvm.works == false) {
        check.finding = "/dev/kvm is there, but an empty machine did not run in it";
    } else {
        check.finding = "not tried: qemu is missing";
        check.mend = "sudo apt-get install --no-install-recommends qemu-system-x86";
    }
    return check;
}

HostCheck judge_architectures(const HostFacts& facts) {
    HostCheck check = {.name = "architectures"};
    check.finding = facts.architecture;
    if (facts.foreign_architectures.empty()) {
        check.meaning = "images of this machine's kind; for others: sudo apt-get install "
                        "--no-install-recommends qemu-user-static binfmt-support";
    } else {
        check.finding += ", and by emulation " + util::join(facts.foreign_architectures, ", ");
        check.meaning = "images of these can be built (-a)";
    }
    return check;
}

} // namespace

void judge_machine(const HostFacts& facts, std::vector<HostCheck>& checks) {
    for (const Place& place : facts.places) {
        checks.push_back(judge_place(place));
    }
    judge_memory(facts, checks);
    checks.push_back(judge_kvm(facts));
    checks.push_back(judge_architectures(facts));
}

} // namespace kiln::build
