#include "disk/bootloader.hpp"

#include "disk/byte_order.hpp"
#include "disk/gpt_format.hpp"
#include "disk/sizes.hpp"
#include "util/error.hpp"

#include <algorithm>

namespace kiln::disk {
namespace {

// include/grub/i386/pc/boot.h
constexpr std::size_t k_boot_code_size = 440;
constexpr std::size_t k_parameters_start = 0x03;
constexpr std::size_t k_parameters_end = 0x5a;
constexpr std::size_t k_kernel_sector_at = 0x5c;
constexpr std::size_t k_drive_check_at = 0x66;
constexpr std::uint16_t k_two_nops = 0x9090;
constexpr std::size_t k_block_list_at = k_sector - 12;
constexpr std::uint16_t k_core_segment = 0x820;

std::uint64_t sectors_of(std::uint64_t bytes) {
    return (bytes + k_sector - 1) / k_sector;
}

[[noreturn]] void throw_no_grub_image(const std::string& name, const std::string& why) {
    throw util::Error({.what = "'" + name + "' is no GRUB image for PC BIOS: " + why,
                       .hint = "install grub-pc-bin in the image and make it with grub-mkimage "
                               "--format i386-pc"});
}

} // namespace

Region core_place(const Placement& placement) {
    if (placement.table == TableKind::none) {
        throw util::Error({.what = "a disk without a partition table has no place for GRUB",
                           .hint = "add the element block-device-gpt or block-device-mbr"});
    }
    std::uint64_t first = placement.disk_size;
    for (const PlacedPartition& partition : placement.partitions) {
        if (placement.table == TableKind::gpt && partition.type == "EF02") {
            return {.offset = partition.offset, .size = partition.size};
        }
        first = std::min(first, partition.offset);
    }
    if (placement.table == TableKind::gpt) {
        throw util::Error({.what = "the layout has no BIOS boot partition for GRUB",
                           .hint = "add to its partitions: {name: BSP, type: EF02, size: 8MiB}"});
    }
    return {.offset = k_sector, .size = first - k_sector};
}

void check_grub_images(const GrubImages& images) {
    if (images.boot.size() != k_sector) {
        throw_no_grub_image("boot.img", "it must have 512 bytes");
    }
    if (get_number<std::uint16_t>(images.boot, k_mbr_magic_at) != k_mbr_magic) {
        throw_no_grub_image("boot.img", "its signature 0x55aa is missing");
    }
    if (images.core.size() < 2 * k_sector) {
        throw_no_grub_image("core.img", "it is too small");
    }
    if (get_number<std::uint16_t>(images.core, k_block_list_at + 10) != k_core_segment) {
        throw_no_grub_image("core.img", "its first sector has no block list");
    }
}

std::string boot_sector(const std::string& boot, const std::string& current, std::uint64_t sector) {
    std::string bytes = boot.substr(0, k_boot_code_size) + current.substr(k_boot_code_size);
    bytes.replace(k_parameters_start,
                  k_parameters_end - k_parameters_start,
                  current,
                  k_parameters_start,
                  k_parameters_end - k_parameters_start);
    put_number(bytes, k_kernel_sector_at, sector);
    put_number(bytes, k_drive_check_at, k_two_nops);
    return bytes;
}

std::string core_image(const std::string& core, std::uint64_t sector) {
    std::string bytes = core;
    bytes.resize(static_cast<std::size_t>(sectors_of(core.size()) * k_sector), '\0');
    const std::uint64_t rest = sectors_of(core.size()) - 1;
    put_number(bytes, k_block_list_at, sector + 1);
    put_number(bytes, k_block_list_at + 8, static_cast<std::uint16_t>(rest));
    put_number(bytes, k_block_list_at + 10, k_core_segment);
    return bytes;
}

void install_bootloader(const RawFile& raw, const Placement& placement, const GrubImages& images) {
    check_grub_images(images);
    const Region place = core_place(placement);
    const std::uint64_t needed = sectors_of(images.core.size()) * k_sector;
    constexpr std::uint64_t k_most_sectors = 0xffff;
    if (needed > std::min(place.size, k_most_sectors * k_sector)) {
        throw util::Error({.what = "GRUB's core.img needs " + std::to_string(needed) +
                                   " bytes, its place on the disk has " +
                                   std::to_string(place.size),
                           .hint = "put fewer modules into core.img, or make the place larger"});
    }
    const std::uint64_t sector = place.offset / k_sector;
    raw.write({.offset = place.offset, .bytes = core_image(images.core, sector)});
    raw.write({.offset = 0, .bytes = boot_sector(images.boot, raw.read(0, k_sector), sector)});
}

} // namespace kiln::disk
