#include "build/hook_environment.hpp"
#include "build/host_checks/bounded.hpp"
#include "build/host_checks/gather.hpp"
#include "build/host_checks/verdict.hpp"
#include "build_fixture.hpp"
#include "element/known_variables.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <algorithm>

namespace kiln::tests {
namespace {

using build::BuildWay;
using build::CheckState;
using build::HostCheck;
using build::HostFacts;
using build::judge;
using build::Trial;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

constexpr Trial k_works = {.state = Trial::State::works};
constexpr std::uint64_t k_much = std::uint64_t{1} << 40;

Trial failed(const std::string& reason) {
    return {.state = Trial::State::fails, .reason = reason};
}

/// A plain user on a host where all is well.
HostFacts good_host() {
    HostFacts facts = {.user = "ann", .binary = "/usr/bin/kiln", .architecture = "amd64"};
    facts.namespaces = {.user_namespace = k_works,
                        .sandbox = k_works,
                        .proc = k_works,
                        .overlay = k_works,
                        .max_user_namespaces = 15000,
                        .unprivileged_clone = 1};
    facts.ids.users = {.start = 100000, .count = 65536};
    facts.ids.groups = facts.ids.users;
    facts.ids.user_map = {.name = "newuidmap", .path = "/usr/bin/newuidmap", .privileged = true};
    facts.ids.group_map = {.name = "newgidmap", .path = "/usr/bin/newgidmap", .privileged = true};
    for (const char* name : {"work folder", "output folder", "state folder"}) {
        facts.places.push_back({.name = name,
                                .path = "/some/place",
                                .filesystem = "ext4",
                                .free_bytes = k_much,
                                .writable = true});
    }
    facts.available_memory = k_much;
    facts.kvm = {.device = true, .permitted = true, .works = true};
    facts.guestfs = {.kernels = {"/boot/vmlinuz-1"},
                     .readable_kernels = {"/boot/vmlinuz-1"},
                     .supermin = true,
                     .appliance = "/usr/lib/guestfs"};
    facts.keyrings = {"/usr/share/keyrings/debian-archive-keyring.gpg"};
    return facts;
}

HostFacts closed_host() {
    HostFacts facts = good_host();
    facts.namespaces.user_namespace = failed("Operation not permitted");
    facts.namespaces.sandbox = failed("cannot make namespaces");
    facts.namespaces.proc = {};
    facts.namespaces.overlay = {};
    return facts;
}

HostCheck check_of(const HostFacts& facts, const std::string& name) {
    const build::Verdict verdict = judge(facts);
    const auto found = std::find_if(verdict.checks.begin(),
                                    verdict.checks.end(),
                                    [&](const HostCheck& check) { return check.name == name; });
    if (found == verdict.checks.end()) {
        ADD_FAILURE() << "there is no check '" << name << "'";
        return {};
    }
    return *found;
}

TEST(HostVerdict, AGoodHostBuildsInAUserNamespaceWithoutAWarning) {
    const build::Verdict verdict = judge(good_host());
    EXPECT_TRUE(verdict.can_build());
    EXPECT_EQ(verdict.way, BuildWay::in_user_namespace);
    for (const HostCheck& check : verdict.checks) {
        EXPECT_EQ(check.state, CheckState::ok) << check.name << ": " << check.finding;
        EXPECT_EQ(check.mend, "") << check.name;
        EXPECT_NE(check.finding, "") << check.name;
        EXPECT_NE(check.meaning, "") << check.name;
    }
}

TEST(HostVerdict, RootNeedsNoUserNamespaceAndNoIds) {
    HostFacts facts = good_host();
    facts.root = true;
    facts.namespaces.user_namespace = {};
    facts.ids = {};
    EXPECT_TRUE(judge(facts).can_build());
    EXPECT_EQ(judge(facts).way, BuildWay::as_root);
}

TEST(HostVerdict, RootWithoutRightsCannotBuild) {
    HostFacts facts = closed_host();
    facts.root = true;
    facts.namespaces.in_container = true;
    EXPECT_FALSE(judge(facts).can_build());
    EXPECT_THAT(check_of(facts, "sandbox").mend, HasSubstr("--privileged"));
}

TEST(ClosedNamespaces, AreOpenedByWhatClosedThem) {
    HostFacts facts = closed_host();
    facts.namespaces.unprivileged_clone = 0;
    EXPECT_THAT(check_of(facts, "user namespaces").mend,
                HasSubstr("kernel.unprivileged_userns_clone=1"));
    facts.namespaces.max_user_namespaces = 0;
    EXPECT_THAT(check_of(facts, "user namespaces").mend,
                HasSubstr("user.max_user_namespaces=15000"));
    facts = closed_host();
    facts.namespaces.apparmor_restrict = 1;
    const std::string mend = check_of(facts, "user namespaces").mend;
    EXPECT_THAT(mend, HasSubstr("profile kiln /usr/bin/kiln"));
    EXPECT_THAT(mend, HasSubstr("apparmor_parser -r"));
    facts = closed_host();
    facts.namespaces.in_container = true;
    EXPECT_THAT(check_of(facts, "user namespaces").mend, HasSubstr("seccomp=unconfined"));
}

TEST(ClosedNamespaces, FailWithoutTheHelper) {
    EXPECT_EQ(judge(closed_host()).way, BuildWay::none);
    EXPECT_FALSE(judge(closed_host()).can_build());
    EXPECT_EQ(check_of(closed_host(), "user namespaces").state, CheckState::fail);
    EXPECT_THAT(check_of(closed_host(), "sudo helper").finding, HasSubstr("not installed"));
}

TEST(ClosedNamespaces, AreNoFailureWhereTheHelperWorks) {
    HostFacts facts = closed_host();
    facts.helper = {.installed = true, .permitted = true, .sandbox = k_works};
    facts.namespaces.overlay = k_works;
    EXPECT_EQ(judge(facts).way, BuildWay::through_helper);
    EXPECT_TRUE(judge(facts).can_build());
    EXPECT_EQ(check_of(facts, "user namespaces").state, CheckState::warn);
}

TEST(ClosedNamespaces, AHelperThatFailsIsNoWay) {
    HostFacts facts = closed_host();
    facts.helper = {.installed = true, .permitted = true, .sandbox = failed("no")};
    EXPECT_EQ(judge(facts).way, BuildWay::none);
    EXPECT_EQ(check_of(facts, "sudo helper").state, CheckState::fail);
    facts.helper = {.installed = true};
    EXPECT_THAT(check_of(facts, "sudo helper").mend, HasSubstr("usermod -aG kiln ann"));
}

TEST(SubordinateIds, TooFewAreMendedByIdsThatNobodyHas) {
    HostFacts facts = good_host();
    facts.ids.users = sandbox::IdRange{.start = 100000, .count = 1000};
    facts.ids.free_id = 231072;
    const HostCheck check = check_of(facts, "subordinate ids");
    EXPECT_EQ(check.state, CheckState::fail);
    EXPECT_EQ(check.mend,
              "sudo usermod --add-subuids 231072-296607 --add-subgids 231072-296607 ann");
}

TEST(SubordinateIds, TheMapToolsMustGainRights) {
    HostFacts facts = good_host();
    facts.ids.user_map.privileged = false;
    EXPECT_EQ(check_of(facts, "newuidmap").mend, "sudo chmod u+s /usr/bin/newuidmap");
    facts.ids.group_map.path = "";
    EXPECT_THAT(check_of(facts, "newgidmap").mend, HasSubstr("uidmap"));
    EXPECT_FALSE(judge(facts).can_build());
    facts = good_host();
    facts.namespaces.no_new_privileges = true;
    EXPECT_THAT(check_of(facts, "newuidmap").finding, HasSubstr("no_new_privs"));
}

TEST(Places, LayersDoNotLieOnOverlayOrNfs) {
    for (const char* filesystem : {"overlay", "nfs"}) {
        HostFacts facts = good_host();
        facts.places[0].filesystem = filesystem;
        EXPECT_EQ(check_of(facts, "overlay").state, CheckState::fail);
        EXPECT_THAT(check_of(facts, "overlay").mend, HasSubstr("--work-dir"));
    }
}

TEST(Places, LittleSpaceWarnsAndNoneFails) {
    HostFacts facts = good_host();
    facts.places[0].free_bytes = std::uint64_t{1} << 30;
    EXPECT_EQ(check_of(facts, "work folder").state, CheckState::warn);
    EXPECT_TRUE(judge(facts).can_build());
    facts.places[0].free_bytes = std::uint64_t{1} << 20;
    EXPECT_EQ(check_of(facts, "work folder").state, CheckState::fail);
    EXPECT_FALSE(judge(facts).can_build());
}

TEST(Places, OneThatCannotBeWrittenOrDoesNotAnswerFails) {
    HostFacts facts = good_host();
    facts.places[1].writable = false;
    EXPECT_THAT(check_of(facts, "output folder").finding, HasSubstr("cannot be written"));
    facts.places[1].free_bytes.reset();
    EXPECT_THAT(check_of(facts, "output folder").finding, HasSubstr("does not answer"));
}

TEST(Machine, AMaskedProcWarns) {
    HostFacts facts = good_host();
    facts.namespaces.proc = failed("Operation not permitted");
    EXPECT_EQ(check_of(facts, "/proc").state, CheckState::warn);
    EXPECT_TRUE(judge(facts).can_build());
}

TEST(Machine, KvmIsNeverNeeded) {
    HostFacts facts = good_host();
    facts.kvm = {};
    EXPECT_THAT(check_of(facts, "KVM").finding, HasSubstr("no /dev/kvm"));
    facts.kvm = {.device = true};
    EXPECT_THAT(check_of(facts, "KVM").mend, HasSubstr("usermod -aG kvm ann"));
    facts.kvm = {.device = true, .permitted = true, .works = false};
    EXPECT_EQ(check_of(facts, "KVM").state, CheckState::warn);
    EXPECT_TRUE(judge(facts).can_build());
}

TEST(Software, ANeededToolFailsAndAnotherWarns) {
    HostFacts facts = good_host();
    facts.tools = {{.tool = {"mke2fs", "makes file systems", "e2fsprogs"}, .needed = true}};
    EXPECT_EQ(check_of(facts, "mke2fs").state, CheckState::fail);
    EXPECT_EQ(check_of(facts, "mke2fs").mend,
              "sudo apt-get install --no-install-recommends e2fsprogs");
    facts.tools[0].needed = false;
    EXPECT_EQ(check_of(facts, "mke2fs").state, CheckState::warn);
}

TEST(Software, AnOldToolIsToldWithBothVersions) {
    HostFacts facts = good_host();
    facts.tools = {{.tool = {"qemu-img", "writes qcow2", "qemu-utils"},
                    .needed = true,
                    .minimum = "5.1",
                    .path = "/usr/bin/qemu-img",
                    .version = "4.2.1"}};
    EXPECT_EQ(check_of(facts, "qemu-img").finding, "4.2.1 is older than 5.1");
    EXPECT_FALSE(judge(facts).can_build());
}

TEST(Software, AKernelThatOnlyRootReadsIsMendedForGood) {
    HostFacts facts = good_host();
    facts.guestfs.readable_kernels.clear();
    EXPECT_THAT(check_of(facts, "libguestfs kernel").mend,
                HasSubstr("dpkg-statoverride --update --force-statoverride-add --add root root "
                          "0644 /boot/vmlinuz-1"));
}

TEST(Versions, AreComparedByNumber) {
    EXPECT_TRUE(build::is_at_least("10.0", "9.9"));
    EXPECT_TRUE(build::is_at_least("5.1", "5.1"));
    EXPECT_TRUE(build::is_at_least("5.1.0", "5.1"));
    EXPECT_FALSE(build::is_at_least("5.0.9", "5.1"));
}

TEST(Versions, AreTheFirstNumberWithADot) {
    EXPECT_EQ(build::version_in("mke2fs 1.47.0 (5-Feb-2023)\n"), "1.47.0");
    EXPECT_EQ(build::version_in("no version"), "");
}

TEST(Bounded, GivesTheAnswer) {
    EXPECT_EQ(build::answer_within(milliseconds(5000), [] { return std::string(70000, 'x'); }),
              std::string(70000, 'x'));
}

TEST(Bounded, EndsWhatTakesTooLong) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(build::answer_within(milliseconds(50),
                                   []() -> std::string {
                                       while (true) {
                                           ::pause();
                                       }
                                   }),
              std::nullopt);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

TEST(Bounded, AProbeThatThrowsHasNoAnswer) {
    EXPECT_EQ(build::answer_within(milliseconds(5000),
                                   []() -> std::string { throw util::Error({.what = "x"}); }),
              std::nullopt);
}

TEST(HostPlace, IsJudgedByTheNearestFolderThatIsThere) {
    const TestFiles files;
    const build::Place place = build::look_at_place("work folder", files / "not/there/yet");
    EXPECT_TRUE(place.writable);
    EXPECT_TRUE(place.free_bytes);
    EXPECT_NE(place.filesystem, "");
}

TEST(KnownVariables, AreAllThatAHookGets) {
    build::BuildContext context = {};
    for (const element::PhaseInfo& phase : element::phases()) {
        for (const auto& [name, value] : build::hook_environment(context, phase)) {
            EXPECT_TRUE(element::is_known_variable(name)) << name;
        }
    }
}

} // namespace
} // namespace kiln::tests
