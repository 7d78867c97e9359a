#include "check/qemu.hpp"

#include "util/text.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>

namespace kiln::check {
namespace {

using std::chrono::seconds;

/// Commas separate options for qemu; within a value they are doubled.
std::string value(const std::string& text) {
    return util::replace_all(text, ",", ",,");
}

/// qemu must not outlive kiln, however kiln ends.
std::function<void()> die_with_parent() {
    return [parent = ::getpid()] {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) {
            ::_exit(1);
        }
    };
}

std::vector<std::string> accelerator_options(Accelerator accelerator) {
    if (accelerator == Accelerator::kvm) {
        return {"-accel", "kvm", "-cpu", "host"};
    }
    return {"-accel", "tcg,thread=multi", "-cpu", "max"};
}

std::vector<std::string> firmware_options(const std::optional<UefiFirmware>& uefi) {
    if (!uefi) {
        return {};
    }
    return {"-drive",
            "if=pflash,unit=0,format=raw,readonly=on,file=" + value(uefi->code),
            "-drive",
            "if=pflash,unit=1,format=raw,file=" + value(uefi->variables)};
}

void append(std::vector<std::string>& words, const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
}

} // namespace

process::Command boot_command(const Machine& machine) {
    // graphics=off: the BIOS, and with it GRUB's first stages, also write to the serial line.
    std::vector<std::string> argv = {
        "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-machine", "q35,graphics=off"};
    append(argv, accelerator_options(machine.accelerator));
    append(
        argv,
        {"-smp", "2", "-m", std::to_string(machine.memory_mib), "-display", "none", "-no-reboot"});
    append(argv, firmware_options(machine.uefi));
    append(argv,
           {"-drive",
            "if=none,id=disk,format=raw,cache=unsafe,discard=unmap,file=" + value(machine.disk),
            "-device",
            "virtio-blk-pci,drive=disk,bootindex=1",
            "-netdev",
            "user,id=network,restrict=on",
            "-device",
            "virtio-net-pci,netdev=network,romfile=",
            "-device",
            "virtio-rng-pci",
            "-vga",
            "std",
            "-chardev",
            "file,id=console,path=" + value(machine.console_file),
            "-serial",
            "chardev:console",
            "-chardev",
            "file,id=report,path=" + value(machine.report_file),
            "-device",
            "virtio-serial-pci",
            "-device",
            std::string("virtserialport,chardev=report,name=") + k_report_port});
    return {.argv = std::move(argv),
            .environment = process::tool_environment(),
            .child_setup = die_with_parent()};
}

process::Command probe_command(Accelerator accelerator) {
    std::vector<std::string> argv = {
        "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-machine", "pc"};
    append(argv, accelerator_options(accelerator));
    append(argv, {"-m", "64", "-display", "none", "-boot", "reboot-timeout=1", "-no-reboot"});
    return {.argv = std::move(argv),
            .environment = process::tool_environment(),
            .timeout = seconds(10),
            .child_setup = die_with_parent()};
}

std::optional<UefiFirmware> find_uefi_firmware() {
    const std::array<UefiFirmware, 2> known = {{
        {.code = "/usr/share/OVMF/OVMF_CODE_4M.fd", .variables = "/usr/share/OVMF/OVMF_VARS_4M.fd"},
        {.code = "/usr/share/OVMF/OVMF_CODE.fd", .variables = "/usr/share/OVMF/OVMF_VARS.fd"},
    }};
    for (const UefiFirmware& pair : known) {
        if (::access(pair.code.c_str(), R_OK) == 0 && ::access(pair.variables.c_str(), R_OK) == 0) {
            return pair;
        }
    }
    return std::nullopt;
}

} // namespace kiln::check
