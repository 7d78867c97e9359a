#include "build/host_checks/verdict.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <charconv>

namespace kiln::build {
namespace {

std::vector<unsigned long> numbers_of(const std::string& version) {
    std::vector<unsigned long> numbers;
    for (const std::string& part : util::split(version, '.')) {
        unsigned long number = 0;
        std::from_chars(part.data(), part.data() + part.size(), number);
        numbers.push_back(number);
    }
    return numbers;
}

HostCheck judge_tool(const ToolFact& fact) {
    HostCheck check = {.name = fact.tool.name,
                       .finding = fact.version.empty() ? fact.path : fact.version,
                       .meaning = fact.tool.purpose};
    const CheckState bad = fact.needed ? CheckState::fail : CheckState::warn;
    const std::string install = "sudo apt-get install --no-install-recommends " + fact.tool.package;
    if (fact.path.empty()) {
        check.state = bad;
        check.finding = "not installed";
        check.mend = install;
    } else if (!fact.minimum.empty() && !fact.version.empty() &&
               !is_at_least(fact.version, fact.minimum)) {
        check.state = bad;
        check.finding = fact.version + " is older than " + fact.minimum;
        check.mend = install;
    }
    return check;
}

HostCheck judge_guestfs_kernel(const GuestfsFacts& guestfs) {
    HostCheck check = {.name = "libguestfs kernel",
                       .meaning = "base images with xfs or btrfs can be read"};
    if (!guestfs.readable_kernels.empty()) {
        check.finding = guestfs.readable_kernels.back();
        return check;
    }
    check.state = CheckState::warn;
    check.meaning = "base images with xfs or btrfs cannot be read";
    if (guestfs.kernels.empty()) {
        check.finding = "there is no kernel in /boot";
        check.mend = "sudo apt-get install --no-install-recommends linux-image-cloud-amd64";
    } else {
        check.finding = guestfs.kernels.back() + " can be read by root only";
        check.mend = "sudo dpkg-statoverride --update --force-statoverride-add --add root root "
                     "0644 " +
                     guestfs.kernels.back();
    }
    return check;
}

HostCheck judge_guestfs_appliance(const GuestfsFacts& guestfs) {
    HostCheck check = {.name = "libguestfs appliance", .finding = guestfs.appliance};
    check.meaning = "base images with xfs or btrfs can be read";
    if (guestfs.appliance.empty() || !guestfs.supermin) {
        check.state = CheckState::warn;
        check.finding = guestfs.appliance.empty() ? "its files are missing" : "supermin is missing";
        check.meaning = "base images with xfs or btrfs cannot be read";
        check.mend = "sudo apt-get install --no-install-recommends libguestfs-xfs supermin";
    }
    return check;
}

HostCheck judge_keyrings(const HostFacts& facts) {
    HostCheck check = {.name = "archive keys", .meaning = "packages of Debian can be verified"};
    check.finding = util::join(facts.keyrings, ", ");
    if (facts.keyrings.empty()) {
        check.state = CheckState::warn;
        check.finding = "there are no keyrings of Debian";
        check.meaning = "debian-minimal cannot be built";
        check.mend = "sudo apt-get install --no-install-recommends debian-archive-keyring";
    }
    return check;
}

} // namespace

bool is_at_least(const std::string& version, const std::string& minimum) {
    const std::vector<unsigned long> have = numbers_of(version);
    const std::vector<unsigned long> want = numbers_of(minimum);
    return !std::lexicographical_compare(have.begin(), have.end(), want.begin(), want.end());
}

void judge_software(const HostFacts& facts, std::vector<HostCheck>& checks) {
    for (const ToolFact& fact : facts.tools) {
        checks.push_back(judge_tool(fact));
    }
    checks.push_back(judge_keyrings(facts));
    checks.push_back(judge_guestfs_kernel(facts.guestfs));
    checks.push_back(judge_guestfs_appliance(facts.guestfs));
}

} // namespace kiln::build
