#include "inspect/disk_format.hpp"

#include "base/unpack_kind.hpp"
#include "disk/byte_order.hpp"
#include "disk/qcow2_header.hpp"
#include "disk/raw_file.hpp"
#include "util/error.hpp"

#include <algorithm>
#include <string_view>

namespace kiln::inspect {
namespace {

using namespace std::string_view_literals;
using disk::get_number;

constexpr std::uint64_t k_sector = 512;

// block/vmdk.c, block/vdi.c, block/vhdx.h and block/vpc.c of QEMU.
constexpr std::string_view k_vmdk_magic = "KDMV";
constexpr std::string_view k_vmdk_text = "# Disk DescriptorFile";
constexpr std::string_view k_vhdx_magic = "vhdxfile";
constexpr std::string_view k_vhd_magic = "conectix";
constexpr std::size_t k_vdi_magic_at = 64;
constexpr std::uint32_t k_vdi_magic = 0xbeda107f;
/// What QEMU reads of a descriptor.
constexpr std::uint64_t k_vmdk_descriptor = 20 * k_sector;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
    throw util::Error(
        {.what = "'" + path + "' " + why,
         .hint = "make one that stands alone: qemu-img convert -O qcow2 " + path + " NEW.qcow2"});
}

/// A descriptor can name any file of the host as an extent or as the parent. QEMU takes extents
/// from it when the header tells no size, and looks for a parent in the second sector in any case.
void check_vmdk(const std::string& path, const disk::RawFile& file, std::string_view head) {
    const auto capacity = get_number<std::uint64_t>(head, 12);
    const auto place = get_number<std::uint64_t>(head, 28);
    if (capacity == 0) {
        refuse(path, "has its data in other files");
    }
    if (place > 1) {
        refuse(path, "has its descriptor in an unusual place");
    }
    const std::uint64_t length = std::min(k_vmdk_descriptor, file.size() - k_sector);
    const std::string text = file.read(k_sector, static_cast<std::size_t>(length));
    const bool alone = text.find("createType=\"monolithicSparse\"") != std::string::npos ||
                       text.find("createType=\"streamOptimized\"") != std::string::npos;
    if ((place == 1 && !alone) || text.find("parentFileNameHint") != std::string::npos) {
        refuse(path, "needs other files");
    }
}

bool has_vhd_footer(const disk::RawFile& file) {
    return file.size() > k_sector &&
           file.read(file.size() - k_sector, k_vhd_magic.size()) == k_vhd_magic;
}

FileFormat disk_format(const std::string& path, const disk::RawFile& file, std::string_view head) {
    if (disk::is_qcow2(head)) {
        const disk::Qcow2Header header = disk::read_qcow2_header(head, file.size(), path);
        return {.name = "qcow2", .driver = "qcow2", .disk_size = header.disk_size};
    }
    if (head.starts_with(k_vmdk_text)) {
        refuse(path, "has its data in other files");
    }
    if (head.starts_with(k_vmdk_magic) && head.size() >= k_sector) {
        check_vmdk(path, file, head);
        return {.name = "vmdk",
                .driver = "vmdk",
                .disk_size = get_number<std::uint64_t>(head, 12) * k_sector};
    }
    if (head.size() >= k_sector && get_number<std::uint32_t>(head, k_vdi_magic_at) == k_vdi_magic) {
        return {
            .name = "vdi", .driver = "vdi", .disk_size = get_number<std::uint64_t>(head, 0x170)};
    }
    if (head.starts_with(k_vhdx_magic)) {
        return {.name = "vhdx", .driver = "vhdx"};
    }
    if (head.starts_with(k_vhd_magic) || has_vhd_footer(file)) {
        return {.name = "vhd", .driver = "vpc"};
    }
    return {.name = "raw"};
}

} // namespace

FileFormat file_format(const std::string& path) {
    const disk::RawFile file = disk::RawFile::open_readable(path);
    if (file.size() == 0) {
        throw util::Error({.what = "the image '" + path + "' is empty"});
    }
    const std::string head = file.read(
        0,
        static_cast<std::size_t>(std::min<std::uint64_t>(disk::k_qcow2_header_bytes, file.size())));
    switch (base::kind_of(head)) {
    case base::ImageKind::squashfs:
        return {.name = "squashfs"};
    case base::ImageKind::tar:
        return {.name = "tar"};
    default:
        return disk_format(path, file, head);
    }
}

} // namespace kiln::inspect
