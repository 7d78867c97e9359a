#include "check/console.hpp"

#include <gtest/gtest.h>

namespace kiln::check {
namespace {

BootVerdict verdict_of(const std::string& text) {
    ConsoleWatcher watcher;
    watcher.add(text);
    return watcher.failure() ? watcher.failure()->verdict : BootVerdict::booted;
}

TEST(ConsoleWatcher, a_usual_boot_is_no_failure) {
    EXPECT_EQ(verdict_of("GRUB loading.\r\nWelcome to GRUB!\n[    0.0] Linux version 6.1\n"
                         "[  OK  ] Reached target multi-user.target - Multi-User System.\n"),
              BootVerdict::booted);
}

TEST(ConsoleWatcher, knows_how_firmware_and_bootloaders_fail) {
    for (const char* text : {"Booting from Hard Disk...\r\nBoot failed: not a bootable disk\r\n",
                             "No bootable device.\n",
                             "BdsDxe: failed to load Boot0001 \"UEFI Misc Device\": Not Found\r\n",
                             "error: no such partition.\nEntering rescue mode...\ngrub rescue> ",
                             "   Minimal BASH-like line editing is supported.\n",
                             "error: you need to load the kernel first.\n",
                             "GRUB Hard Disk Error"}) {
        EXPECT_EQ(verdict_of(text), BootVerdict::no_bootloader) << text;
    }
}

TEST(ConsoleWatcher, knows_a_kernel_panic) {
    EXPECT_EQ(verdict_of("[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs\n"),
              BootVerdict::panicked);
}

TEST(ConsoleWatcher, knows_emergency_mode_and_the_shell_of_the_ramdisk) {
    EXPECT_EQ(verdict_of("You are in emergency mode. After logging in, type\n"),
              BootVerdict::guest_failed);
    EXPECT_EQ(verdict_of("BusyBox v1.35.0 (Debian) built-in shell (ash)\n"),
              BootVerdict::guest_failed);
}

TEST(ConsoleWatcher, sees_a_prompt_without_a_line_end_that_comes_in_pieces) {
    ConsoleWatcher watcher;
    watcher.add("grub res");
    EXPECT_FALSE(watcher.failure());
    watcher.add("cue> ");
    EXPECT_TRUE(watcher.failure());
}

TEST(ConsoleWatcher, drops_escape_sequences_and_takes_cursor_moves_for_line_ends) {
    ConsoleWatcher watcher;
    watcher.add("\x1b[2J\x1b[01;01Hone\x1b[0m\x1b[02;01H\x1b[1;33mtwo\r\n");
    EXPECT_EQ(watcher.text(), "one\ntwo\n");
}

TEST(ConsoleWatcher, keeps_the_first_failure_and_quotes_its_line) {
    ConsoleWatcher watcher;
    watcher.add("Kernel panic - not syncing: a\nYou are in emergency mode\n");
    EXPECT_EQ(watcher.failure()->reason, "the kernel panicked: 'Kernel panic - not syncing: a'");
}

TEST(ConsoleWatcher, remembers_the_last_unit_that_came_up) {
    ConsoleWatcher watcher;
    watcher.add("[\x1b[0;32m  OK  \x1b[0m] Started \x1b[0;1;39mssh.service\x1b[0m - OpenBSD.\r\n"
                "[FAILED] Failed to start foo.service.\r\n");
    EXPECT_EQ(watcher.last_unit(), "ssh.service");
}

} // namespace
} // namespace kiln::check
