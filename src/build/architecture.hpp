#pragma once

#include <string>

namespace kiln::build {

/// Throws Error (code tool) when programs of the architecture (Debian's name: "arm64") do not run
/// on this machine: neither its own kind nor registered with binfmt_misc.
void require_runnable(const std::string& architecture);

/// Debian's name for what uname(2) calls a machine: "x86_64" is "amd64".
std::string debian_architecture(const std::string& machine);

/// What Glance's property "architecture" calls one of Debian's names: "amd64" is "x86_64".
std::string glance_architecture(const std::string& architecture);

} // namespace kiln::build
