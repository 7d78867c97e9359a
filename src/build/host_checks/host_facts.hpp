#pragma once

#include "process/tool_check.hpp"
#include "sandbox/id_range.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kiln::build {

/// What came of trying something: not tried, it works, or why not.
struct Trial {
    enum class State { untried, works, fails };
    State state = State::untried;
    std::string reason{};

    [[nodiscard]] bool works() const noexcept { return state == State::works; }

    [[nodiscard]] bool fails() const noexcept { return state == State::fails; }
};

/// newuidmap or newgidmap.
struct MapTool {
    std::string name;
    /// Empty: it is not installed.
    std::string path{};
    /// Whether it is set-uid root or has file capabilities.
    bool privileged = false;
};

struct NamespaceFacts {
    /// A user namespace with rights in it (a plain user only).
    Trial user_namespace{};
    /// The namespaces of a build, its id map, and its private root.
    Trial sandbox{};
    /// A fresh /proc in the sandbox (the helper's, where only that works); where that fails, a
    /// container has masked the one outside.
    Trial proc{};
    /// Layers as a build has them, in the work folder.
    Trial overlay{};
    /// Values of sysctls that close user namespaces; nothing: this kernel does not have it.
    std::optional<std::uint64_t> max_user_namespaces{};
    std::optional<std::uint64_t> unprivileged_clone{};
    std::optional<std::uint64_t> apparmor_restrict{};
    bool in_container = false;
    /// With it no program gains rights: newuidmap and sudo do not work.
    bool no_new_privileges = false;
};

struct IdFacts {
    std::optional<sandbox::IdRange> users{};
    std::optional<sandbox::IdRange> groups{};
    MapTool user_map{.name = "newuidmap"};
    MapTool group_map{.name = "newgidmap"};
    /// The first id from which on no user has any.
    unsigned long free_id = 100000;
};

/// A folder that a build writes to.
struct Place {
    /// "work folder", "state folder", "output folder".
    std::string name;
    std::filesystem::path path;
    /// "ext4", "overlay", "nfs" or a number; of the nearest folder that is there.
    std::string filesystem{};
    std::optional<std::uint64_t> free_bytes{};
    bool writable = false;
};

struct ToolFact {
    process::ToolRequirement tool;
    /// Without it no image can be built.
    bool needed = false;
    std::string minimum{};
    /// Empty: it is not there.
    std::string path{};
    /// Empty: not asked, or it does not tell.
    std::string version{};
};

struct KvmFacts {
    bool device = false;
    bool permitted = false;
    /// Nothing: it was not tried (no qemu, no device).
    std::optional<bool> works{};
};

struct GuestfsFacts {
    std::vector<std::string> kernels{};
    std::vector<std::string> readable_kernels{};
    bool supermin = false;
    /// Folder of what the appliance is made of.
    std::string appliance{};
};

struct HelperFacts {
    bool installed = false;
    bool permitted = false;
    /// The sandbox in a namespace that the helper made; tried only where a build would need it.
    Trial sandbox{};
};

/// All that `kiln doctor` looked at, as a value.
struct HostFacts {
    bool root = false;
    std::string user;
    /// The program itself, for an AppArmor profile.
    std::string binary;
    NamespaceFacts namespaces{};
    IdFacts ids{};
    HelperFacts helper{};
    std::vector<Place> places{};
    std::optional<std::uint64_t> available_memory{};
    std::vector<ToolFact> tools{};
    KvmFacts kvm{};
    GuestfsFacts guestfs{};
    std::vector<std::string> keyrings{};
    /// Architectures of other machines that run here, as Debian calls them.
    std::vector<std::string> foreign_architectures{};
    std::string architecture;
};

} // namespace kiln::build
