#include "check/qemu.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kiln::check {
namespace {

Machine machine() {
    return {.disk = "/tmp/a,b/disk.raw",
            .memory_mib = 512,
            .console_file = "/tmp/console",
            .report_file = "/tmp/report"};
}

TEST(BootCommand, is_one_disk_and_a_network_that_leads_nowhere) {
    const std::vector<std::string> expected = {
        "qemu-system-x86_64",
        "-nodefaults",
        "-no-user-config",
        "-machine",
        "q35,graphics=off",
        "-accel",
        "tcg,thread=multi",
        "-cpu",
        "max",
        "-smp",
        "2",
        "-m",
        "512",
        "-display",
        "none",
        "-no-reboot",
        "-drive",
        "if=none,id=disk,format=raw,cache=unsafe,discard=unmap,file=/tmp/a,,b/disk.raw",
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
        "file,id=console,path=/tmp/console",
        "-serial",
        "chardev:console",
        "-chardev",
        "file,id=report,path=/tmp/report",
        "-device",
        "virtio-serial-pci",
        "-device",
        "virtserialport,chardev=report,name=kiln.report"};
    EXPECT_EQ(boot_command(machine()).argv, expected);
}

TEST(BootCommand, gives_uefi_its_two_flash_chips) {
    Machine uefi = machine();
    uefi.uefi = {.code = "/code.fd", .variables = "/vars.fd"};
    const auto argv = boot_command(uefi).argv;
    const std::string code = "if=pflash,unit=0,format=raw,readonly=on,file=/code.fd";
    const std::string variables = "if=pflash,unit=1,format=raw,file=/vars.fd";
    EXPECT_EQ(std::count(argv.begin(), argv.end(), code), 1);
    EXPECT_EQ(std::count(argv.begin(), argv.end(), variables), 1);
}

TEST(ProbeCommand, has_no_disk_and_is_bounded) {
    const process::Command command = probe_command(Accelerator::kvm);
    const std::vector<std::string> expected = {"qemu-system-x86_64",
                                               "-nodefaults",
                                               "-no-user-config",
                                               "-machine",
                                               "pc",
                                               "-accel",
                                               "kvm",
                                               "-cpu",
                                               "host",
                                               "-m",
                                               "64",
                                               "-display",
                                               "none",
                                               "-boot",
                                               "reboot-timeout=1",
                                               "-no-reboot"};
    EXPECT_EQ(command.argv, expected);
    EXPECT_TRUE(command.timeout.has_value());
}

} // namespace
} // namespace kiln::check
