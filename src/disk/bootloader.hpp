#pragma once

#include "disk/placement.hpp"
#include "disk/raw_file.hpp"

#include <string>
#include <vector>

namespace kiln::disk {

/// GRUB for PC BIOS, as grub-install leaves it in /boot/grub/i386-pc.
struct GrubImages {
    /// One sector.
    std::string boot;
    /// Made by grub-mkimage for format i386-pc, prefix included.
    std::string core;
};

/// Where core.img goes: the BIOS boot partition (gpt), or the gap after the MBR (msdos). Throws
/// Error with a hint when there is no such place.
Region core_place(const Placement& placement);

/// Throws Error unless these are GRUB images of the kind expected.
void check_grub_images(const GrubImages& images);

/// The first sector of the disk: boot.img with the partition table and disk signature of current,
/// the sector of core.img at 0x5c (u64), and the jump at 0x66 replaced by two NOPs (the drive check
/// that GRUB does on hard disks). Source: GRUB 2.06 util/setup.c, SETUP(), and
/// include/grub/i386/pc/boot.h.
std::string boot_sector(const std::string& boot, const std::string& current, std::uint64_t sector);

/// core.img for a place: the block list at the end of its first sector names the rest of it (start
/// u64, length u16, segment u16 = 0x820). Source: as above, save_blocklists().
std::string core_image(const std::string& core, std::uint64_t sector);

/// Embeds both. Throws Error with both sizes when core.img is too large for its place.
void install_bootloader(const RawFile& raw, const Placement& placement, const GrubImages& images);

} // namespace kiln::disk
