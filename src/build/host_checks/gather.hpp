#pragma once

#include "build/host_checks/host_facts.hpp"
#include "process/command.hpp"

#include <filesystem>

namespace kiln::build {

/// The folders that a build would use.
struct HostPlaces {
    std::filesystem::path work;
    std::filesystem::path state;
    std::filesystem::path output;
};

/// Looks at this host. Everything is bounded in time, and nothing is left behind but the answer
/// about KVM in the state folder, where that is there.
HostFacts gather_host_facts(const HostPlaces& places, process::Runner& runner);

/// The parts of it that are in files of their own.
std::vector<ToolFact> gather_tools(process::Runner& runner);
Place look_at_place(const std::string& name, const std::filesystem::path& path);

/// The first number with a dot in it, of what a program says of its version; may be empty.
std::string version_in(const std::string& text);

} // namespace kiln::build
