#include "disk/image_ids.hpp"

#include "disk/byte_order.hpp"
#include "disk/identity.hpp"
#include "disk/raw_file.hpp"
#include "disk/sizes.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>

namespace kiln::disk {
namespace {

std::string uuid_bytes(const ImageIds& ids, const std::string& purpose) {
    const Uuid uuid = derive_uuid(ids.seed, purpose);
    return {uuid.begin(), uuid.end()};
}

[[noreturn]] void throw_strange(const std::string& path, const char* format) {
    throw util::Error(
        {.what = "qemu-img wrote '" + path + "' in a way that is no " + format + " known to kiln",
         .hint = "take another format, or another version of qemu-img",
         .code = util::ExitCode::tool});
}

// --- vhd: Virtual Hard Disk Image Format Specification 1.0, "Hard Disk Footer Format"

constexpr std::size_t k_vhd_time = 24;
constexpr std::size_t k_vhd_checksum = 64;
constexpr std::size_t k_vhd_uuid = 68;
/// 2000-01-01, where its time begins.
constexpr std::int64_t k_vhd_epoch = 946684800;
constexpr std::string_view k_vhd_cookie = "conectix";

void put_big_endian(std::string& bytes, std::size_t at, std::uint32_t number) {
    for (std::size_t i = 0; i < 4; ++i) {
        bytes.at(at + i) = static_cast<char>((number >> (8 * (3 - i))) & 0xffU);
    }
}

void settle_vhd(const std::string& path, const ImageIds& ids) {
    const RawFile file = RawFile::open_writable(path);
    const std::uint64_t end = file.size() - k_sector;
    std::string footer = file.read(end, k_sector);
    if (!footer.starts_with(k_vhd_cookie)) {
        throw_strange(path, "vhd");
    }
    const std::int64_t seconds = std::max<std::int64_t>(0, ids.epoch - k_vhd_epoch);
    put_big_endian(footer, k_vhd_time, static_cast<std::uint32_t>(seconds));
    footer.replace(k_vhd_uuid, sizeof(Uuid), uuid_bytes(ids, "vhd"));
    put_big_endian(footer, k_vhd_checksum, 0);
    std::uint32_t sum = 0;
    for (const char byte : footer) {
        sum += static_cast<unsigned char>(byte);
    }
    put_big_endian(footer, k_vhd_checksum, ~sum);
    file.write({.offset = end, .bytes = footer});
    // Of a dynamic disk a copy stands at the front.
    if (file.read(0, k_vhd_cookie.size()) == k_vhd_cookie) {
        file.write({.offset = 0, .bytes = footer});
    }
}

// --- vdi: the header of version 1.1, as VirtualBox and qemu write it

constexpr std::uint64_t k_vdi_signature_at = 0x40;
constexpr std::uint64_t k_vdi_image_uuid = 0x188;
constexpr std::uint64_t k_vdi_snapshot_uuid = 0x198;
constexpr std::uint32_t k_vdi_signature = 0xbeda107f;

void settle_vdi(const std::string& path, const ImageIds& ids) {
    const RawFile file = RawFile::open_writable(path);
    if (get_number<std::uint32_t>(file.read(k_vdi_signature_at, 4), 0) != k_vdi_signature) {
        throw_strange(path, "vdi");
    }
    file.write({.offset = k_vdi_image_uuid, .bytes = uuid_bytes(ids, "vdi")});
    file.write({.offset = k_vdi_snapshot_uuid, .bytes = uuid_bytes(ids, "vdi snapshot")});
}

// --- vmdk: Virtual Disk Format 5.0, a sparse extent with its descriptor inside

constexpr std::size_t k_vmdk_descriptor_at = 28;
constexpr std::size_t k_vmdk_descriptor_size = 36;
constexpr std::uint64_t k_vmdk_longest = 1024;

std::string hexadecimal(std::uint32_t number) {
    static constexpr std::string_view k_digits = "0123456789abcdef";
    std::string text;
    for (int shift = 28; shift >= 0; shift -= 4) {
        text += k_digits[(number >> static_cast<unsigned>(shift)) & 15U];
    }
    return text;
}

/// The line with the content id, and the one that names the file.
std::string settled_line(const std::string& line, const ImageIds& ids) {
    if (line.starts_with("CID=")) {
        return "CID=" + hexadecimal(derive_number(ids.seed, "vmdk"));
    }
    if (line.starts_with("RW ") && line.find('"') != std::string::npos) {
        return line.substr(0, line.find('"')) + "\"" + ids.file_name + "\"";
    }
    return line;
}

void settle_vmdk(const std::string& path, const ImageIds& ids) {
    const RawFile file = RawFile::open_writable(path);
    const std::string header = file.read(0, k_sector);
    const auto at = get_number<std::uint64_t>(header, k_vmdk_descriptor_at);
    const auto sectors = get_number<std::uint64_t>(header, k_vmdk_descriptor_size);
    if (!header.starts_with("KDMV") || at == 0 || sectors == 0 || sectors > k_vmdk_longest) {
        throw_strange(path, "vmdk");
    }
    const std::string old = file.read(at * k_sector, sectors * k_sector);
    std::vector<std::string> lines = util::split(old.substr(0, old.find('\0')), '\n');
    for (std::string& line : lines) {
        line = settled_line(line, ids);
    }
    std::string descriptor = util::join(lines, "\n");
    if (descriptor.size() > old.size()) {
        throw_strange(path, "vmdk");
    }
    descriptor.resize(old.size(), '\0');
    file.write({.offset = at * k_sector, .bytes = descriptor});
}

} // namespace

void settle_ids(ImageFormat format, const std::string& path, const ImageIds& ids) {
    switch (format) {
    case ImageFormat::vhd:
        return settle_vhd(path, ids);
    case ImageFormat::vhdx:
        return settle_vhdx(path, ids);
    case ImageFormat::vmdk:
        return settle_vmdk(path, ids);
    case ImageFormat::vdi:
        return settle_vdi(path, ids);
    default:
        return;
    }
}

} // namespace kiln::disk
