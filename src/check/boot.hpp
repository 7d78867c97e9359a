#pragma once

#include "check/console.hpp"
#include "check/qemu.hpp"
#include "process/command.hpp"
#include "process/tool_check.hpp"
#include "report/reporter.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace kiln::check {

struct BootOptions {
    /// Only read, never written.
    std::string image;
    /// "qcow2" or "raw"; empty: told by the first bytes.
    std::string format{};
    Firmware firmware = Firmware::bios;
    /// Units that may fail, with shell wildcards.
    std::vector<std::string> allowed_failures{};
    /// For the machine, from power-on to the token.
    std::chrono::seconds timeout{300};
    unsigned memory_mib = 1024;
    /// Gets a folder with the throw-away copy, which is removed again.
    std::string work_dir = "/var/tmp";
    /// Remembers whether KVM works on this host.
    std::string state_dir;
};

struct BootResult {
    BootVerdict verdict = BootVerdict::untestable;
    /// Why it is no pass; empty for booted.
    std::string reason{};
    /// All of the serial console, without escape sequences.
    std::string console{};
    /// The last unit that the console tells of.
    std::string last_unit{};
    std::vector<std::string> failed_units{};
    /// What the journal says of them: "UNIT: TEXT".
    std::vector<std::string> journal{};
    /// From power-on to the verdict.
    std::chrono::milliseconds duration{};

    [[nodiscard]] bool passed() const noexcept { return verdict == BootVerdict::booted; }
};

/// The programs that boot_image starts.
std::vector<process::ToolRequirement> boot_tools();

/// Boots a throw-away copy of an image. It passes only when a token comes from inside: a systemd
/// unit that is put into the copy while it is offline sends it after multi-user.target and the
/// first-boot scripts, with the list of failed units. What the image does wrong is a verdict;
/// throws Error for what the host lacks (code tool) or a full disk.
BootResult
boot_image(const BootOptions& options, process::Runner& runner, report::Reporter& reporter);

} // namespace kiln::check
