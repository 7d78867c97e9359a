#include "disk/filesystem_probe.hpp"

#include <array>
#include <string_view>

namespace kiln::disk {
namespace {

struct Magic {
    ProbedFilesystem filesystem;
    std::uint64_t offset;
    std::string_view bytes;
};

using namespace std::string_view_literals;

// As libblkid knows them.
constexpr std::array k_magics = {
    Magic{ProbedFilesystem::luks, 0, "LUKS\xba\xbe"sv},
    Magic{ProbedFilesystem::lvm, 512, "LABELONE"sv},
    Magic{ProbedFilesystem::xfs, 0, "XFSB"sv},
    Magic{ProbedFilesystem::squashfs, 0, "hsqs"sv},
    Magic{ProbedFilesystem::btrfs, 0x10040, "_BHRfS_M"sv},
    Magic{ProbedFilesystem::swap, 4086, "SWAPSPACE2"sv},
    Magic{ProbedFilesystem::vfat, 82, "FAT32   "sv},
    Magic{ProbedFilesystem::vfat, 54, "FAT16   "sv},
    Magic{ProbedFilesystem::vfat, 54, "FAT12   "sv},
    Magic{ProbedFilesystem::ext, 1024 + 56, "\x53\xef"sv},
};

} // namespace

ProbedFilesystem probe_filesystem(const RawFile& raw, Region region) {
    for (const Magic& magic : k_magics) {
        if (magic.offset + magic.bytes.size() <= region.size &&
            raw.read(region.offset + magic.offset, magic.bytes.size()) == magic.bytes) {
            return magic.filesystem;
        }
    }
    return ProbedFilesystem::unknown;
}

std::string probed_name(ProbedFilesystem filesystem) {
    switch (filesystem) {
    case ProbedFilesystem::ext:
        return "ext4";
    case ProbedFilesystem::xfs:
        return "xfs";
    case ProbedFilesystem::btrfs:
        return "btrfs";
    case ProbedFilesystem::squashfs:
        return "squashfs";
    case ProbedFilesystem::vfat:
        return "vfat";
    case ProbedFilesystem::swap:
        return "swap";
    case ProbedFilesystem::luks:
        return "LUKS";
    case ProbedFilesystem::lvm:
        return "LVM";
    case ProbedFilesystem::unknown:
        break;
    }
    return "unknown";
}

} // namespace kiln::disk
