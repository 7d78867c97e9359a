#pragma once

#include "process/command.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kiln::check {

enum class Firmware { bios, uefi };
enum class Accelerator { kvm, tcg };

/// The two parts of the UEFI firmware: code that many machines may read, and variables that one
/// machine writes.
struct UefiFirmware {
    std::string code;
    std::string variables;
};

/// A machine that boots one disk, as a value.
struct Machine {
    /// Raw; the machine writes to it.
    std::string disk;
    Accelerator accelerator = Accelerator::tcg;
    unsigned memory_mib = 1024;
    /// Without it the machine has a BIOS. The variables are written to.
    std::optional<UefiFirmware> uefi{};
    /// Files that get what the machine writes to its serial line and to the report port.
    std::string console_file;
    std::string report_file;
};

/// The name of the virtio port in the guest: /dev/virtio-ports/NAME.
inline constexpr const char* k_report_port = "kiln.report";

/// qemu-system-x86_64 with one disk, a network that leads nowhere, and no display.
process::Command boot_command(const Machine& machine);

/// A machine without a disk that ends by itself at once where the accelerator works.
process::Command probe_command(Accelerator accelerator);

/// The first pair that is there, of the places where Debian and Ubuntu (package ovmf) have it.
std::optional<UefiFirmware> find_uefi_firmware();

} // namespace kiln::check
