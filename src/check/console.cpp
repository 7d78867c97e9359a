#include "check/console.hpp"

#include <array>

namespace kiln::check {
namespace {

struct Sign {
    std::string_view text;
    BootVerdict verdict;
    std::string_view meaning;
};

constexpr std::array k_signs = {
    Sign{"Kernel panic - not syncing", BootVerdict::panicked, "the kernel panicked"},
    Sign{"end Kernel panic", BootVerdict::panicked, "the kernel panicked"},
    // SeaBIOS
    Sign{"No bootable device", BootVerdict::no_bootloader, "the BIOS found nothing to boot"},
    Sign{"Boot failed: not a bootable disk",
         BootVerdict::no_bootloader,
         "the BIOS found no boot sector on the disk"},
    // OVMF
    Sign{"BdsDxe: failed to load",
         BootVerdict::no_bootloader,
         "the UEFI firmware could not load the boot program"},
    Sign{"BdsDxe: failed to start",
         BootVerdict::no_bootloader,
         "the UEFI firmware could not start the boot program"},
    Sign{"No bootable option or device was found",
         BootVerdict::no_bootloader,
         "the UEFI firmware found nothing to boot"},
    Sign{"UEFI Interactive Shell",
         BootVerdict::no_bootloader,
         "the UEFI firmware found nothing to boot and started its shell"},
    // GRUB: boot.img, the core image, the normal mode without a configuration, a menu entry
    Sign{"GRUB Hard Disk Error",
         BootVerdict::no_bootloader,
         "the boot sector of GRUB could not read its core image"},
    Sign{"GRUB Geom Error",
         BootVerdict::no_bootloader,
         "the boot sector of GRUB could not read its core image"},
    Sign{"Entering rescue mode", BootVerdict::no_bootloader, "GRUB did not find its files"},
    Sign{"grub rescue>", BootVerdict::no_bootloader, "GRUB did not find its files"},
    Sign{"Minimal BASH-like line",
         BootVerdict::no_bootloader,
         "GRUB did not find its configuration"},
    Sign{"error: you need to load the kernel first",
         BootVerdict::no_bootloader,
         "GRUB could not load the kernel"},
    // initial ramdisk: initramfs-tools, dracut
    Sign{"Gave up waiting for root",
         BootVerdict::guest_failed,
         "the initial ramdisk did not find the root file system"},
    Sign{"built-in shell (ash)",
         BootVerdict::guest_failed,
         "the initial ramdisk stopped in its shell"},
    Sign{"Entering emergency mode",
         BootVerdict::guest_failed,
         "the system stopped in emergency mode"},
    // systemd
    Sign{"You are in emergency mode",
         BootVerdict::guest_failed,
         "the system stopped in emergency mode"},
    Sign{"You are in rescue mode", BootVerdict::guest_failed, "the system stopped in rescue mode"},
    Sign{"emergency.target - Emergency Mode",
         BootVerdict::guest_failed,
         "the system stopped in emergency mode"},
    Sign{"Cannot open access to console, the root account is locked",
         BootVerdict::guest_failed,
         "the system stopped in emergency mode"},
};

constexpr std::array<std::string_view, 4> k_unit_verbs = {
    "] Started ", "] Reached target ", "] Finished ", "] Mounted "};

/// "[  OK  ] Started ssh.service - OpenBSD ..." gives "ssh.service".
std::optional<std::string> unit_of(std::string_view line) {
    for (const std::string_view verb : k_unit_verbs) {
        const std::size_t at = line.find(verb);
        if (at != std::string_view::npos && line.find("OK") < at) {
            const std::string_view rest = line.substr(at + verb.size());
            return std::string(rest.substr(0, rest.find(" - ")));
        }
    }
    return std::nullopt;
}

} // namespace

std::string verdict_name(BootVerdict verdict) {
    constexpr std::array<std::string_view, 6> k_names = {
        "booted", "timed-out", "panicked", "no-bootloader", "guest-failed", "untestable"};
    return std::string(k_names.at(static_cast<std::size_t>(verdict)));
}

void ConsoleWatcher::add(std::string_view chunk) {
    for (const char byte : chunk) {
        add_byte(byte);
    }
    examine();
}

/// Drops the escape sequences of ECMA-48; one that places the cursor is how SeaBIOS, OVMF and GRUB
/// end a line.
void ConsoleWatcher::add_byte(char byte) {
    const bool is_final = byte >= '@' && byte <= '~';
    switch (state_) {
    case State::escape:
        state_ = byte == '[' ? State::sequence : State::plain;
        break;
    case State::sequence:
        if (is_final) {
            state_ = State::plain;
        }
        if (byte == 'H' || byte == 'f') {
            end_line();
        }
        break;
    case State::plain:
        if (byte == '\x1b') {
            state_ = State::escape;
        } else if (byte == '\n' || byte == '\r') {
            end_line();
        } else if (static_cast<unsigned char>(byte) >= ' ' || byte == '\t') {
            line_ += byte;
        }
        break;
    }
}

void ConsoleWatcher::end_line() {
    examine();
    const std::size_t end = line_.find_last_not_of(" \t");
    if (end != std::string::npos) {
        text_.append(line_, 0, end + 1);
        text_ += '\n';
    }
    line_.clear();
}

void ConsoleWatcher::examine() {
    if (auto unit = unit_of(line_)) {
        last_unit_ = std::move(*unit);
    }
    if (failure_) {
        return;
    }
    for (const Sign& sign : k_signs) {
        if (line_.find(sign.text) != std::string::npos) {
            failure_ = {.verdict = sign.verdict,
                        .reason = std::string(sign.meaning) + ": '" + line_ + "'"};
            return;
        }
    }
}

} // namespace kiln::check
