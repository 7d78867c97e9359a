#include "build/host_checks/gather.hpp"

#include "build/architecture.hpp"
#include "build/host_checks/sandbox_probe.hpp"
#include "check/kvm.hpp"
#include "sandbox/helper_namespace.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;

std::string content_or_empty(const std::string& path) {
    return ::access(path.c_str(), R_OK) == 0 ? util::read_file(path) : "";
}

std::optional<std::uint64_t> number_in(const std::string& path) {
    const std::string text = content_or_empty(path);
    std::uint64_t value = 0;
    const auto status = std::from_chars(text.data(), text.data() + text.size(), value).ec;
    return status == std::errc() ? std::optional(value) : std::nullopt;
}

std::string user_name() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): kiln has one thread here
    const passwd* entry = ::getpwuid(::getuid());
    return entry == nullptr ? std::to_string(::getuid()) : entry->pw_name;
}

void read_settings(NamespaceFacts& facts) {
    const std::string sys = "/proc/sys/";
    facts.max_user_namespaces = number_in(sys + "user/max_user_namespaces");
    facts.unprivileged_clone = number_in(sys + "kernel/unprivileged_userns_clone");
    facts.apparmor_restrict = number_in(sys + "kernel/apparmor_restrict_unprivileged_userns");
    facts.in_container = ::access("/.dockerenv", F_OK) == 0 ||
                         ::access("/run/.containerenv", F_OK) == 0 ||
                         ::access("/run/systemd/container", F_OK) == 0;
    facts.no_new_privileges = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

void look_at_map_tool(MapTool& tool) {
    const auto path = process::find_program(tool.name, process::tool_environment());
    struct stat info = {};
    if (!path || ::stat(path->c_str(), &info) != 0) {
        return;
    }
    tool.path = *path;
    tool.privileged = (info.st_uid == 0 && (info.st_mode & S_ISUID) != 0) ||
                      ::getxattr(path->c_str(), "security.capability", nullptr, 0) > 0;
}

IdFacts look_at_ids(const std::string& user) {
    const std::string users = content_or_empty("/etc/subuid");
    const std::string groups = content_or_empty("/etc/subgid");
    IdFacts facts;
    facts.users = sandbox::find_range(users, user, ::getuid());
    facts.groups = sandbox::find_range(groups, user, ::getuid());
    facts.free_id = std::max(sandbox::first_free_id(users), sandbox::first_free_id(groups));
    look_at_map_tool(facts.user_map);
    look_at_map_tool(facts.group_map);
    return facts;
}

std::optional<std::uint64_t> available_memory() {
    for (const std::string& line : util::split(content_or_empty("/proc/meminfo"), '\n')) {
        const std::vector<std::string> words = util::split_words(line);
        if (words.size() > 1 && words[0] == "MemAvailable:") {
            return std::stoull(words[1]) * 1024;
        }
    }
    return std::nullopt;
}

/// The answer is remembered only where kiln has a state folder already.
std::optional<bool> try_kvm(const fs::path& state, process::Runner& runner) {
    try {
        if (::access(state.c_str(), W_OK) == 0) {
            return check::choose_accelerator(check::kvm_memory(state), runner) ==
                   check::Accelerator::kvm;
        }
        const process::Result result = runner.run(check::probe_command(check::Accelerator::kvm));
        return result.exit_code == 0 && !result.timed_out;
    } catch (const util::Error&) {
        return std::nullopt;
    }
}

KvmFacts look_at_kvm(const fs::path& state, process::Runner& runner) {
    KvmFacts facts;
    facts.device = ::access("/dev/kvm", F_OK) == 0;
    facts.permitted = ::access("/dev/kvm", R_OK | W_OK) == 0;
    if (facts.permitted &&
        process::find_program("qemu-system-x86_64", process::tool_environment())) {
        facts.works = try_kvm(state, runner);
    }
    return facts;
}

std::vector<std::string>
files_in(const std::string& folder, const std::string& prefix, const std::string& part) {
    std::vector<std::string> files;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename();
        if (name.rfind(prefix, 0) == 0 && name.find(part) != std::string::npos) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

GuestfsFacts look_at_guestfs() {
    GuestfsFacts facts;
    facts.kernels = files_in("/boot", "vmlinuz-", "");
    for (const std::string& kernel : facts.kernels) {
        if (::access(kernel.c_str(), R_OK) == 0) {
            facts.readable_kernels.push_back(kernel);
        }
    }
    facts.supermin = process::find_program("supermin", process::tool_environment()).has_value();
    for (const std::string& folder : files_in("/usr/lib", "", "-linux-gnu")) {
        const std::string appliance = folder + "/guestfs/supermin.d";
        if (::access(appliance.c_str(), R_OK) == 0) {
            facts.appliance = appliance;
        }
    }
    return facts;
}

std::vector<std::string> foreign_architectures() {
    std::vector<std::string> names;
    const std::string prefix = "qemu-";
    for (const std::string& file : files_in("/proc/sys/fs/binfmt_misc", prefix, "")) {
        if (content_or_empty(file).rfind("enabled", 0) == 0) {
            names.push_back(
                debian_architecture(fs::path(file).filename().string().substr(prefix.size())));
        }
    }
    return names;
}

std::string own_architecture() {
    utsname names = {};
    ::uname(&names);
    return debian_architecture(static_cast<const char*>(names.machine));
}

} // namespace

HostFacts gather_host_facts(const HostPlaces& places, process::Runner& runner) {
    HostFacts facts = {.root = ::geteuid() == 0,
                       .user = user_name(),
                       .binary = fs::read_symlink("/proc/self/exe"),
                       .architecture = own_architecture()};
    facts.places = {look_at_place("work folder", places.work),
                    look_at_place("output folder", places.output),
                    look_at_place("state folder", places.state)};
    read_settings(facts.namespaces);
    probe_sandbox(places.work, facts.namespaces);
    facts.ids = look_at_ids(facts.user);
    facts.helper.installed = sandbox::has_namespace_helper();
    facts.helper.permitted = !facts.root && facts.helper.installed && sandbox::may_use_helper();
    if (facts.helper.permitted && !facts.namespaces.sandbox.works()) {
        probe_helper_sandbox(places.work, facts);
    }
    facts.available_memory = available_memory();
    facts.tools = gather_tools(runner);
    facts.kvm = look_at_kvm(places.state, runner);
    facts.guestfs = look_at_guestfs();
    facts.keyrings = files_in("/usr/share/keyrings", "debian-archive-keyring", "");
    facts.foreign_architectures = foreign_architectures();
    return facts;
}

} // namespace kiln::build
