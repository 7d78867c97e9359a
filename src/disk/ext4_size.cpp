#include "disk/ext4_size.hpp"

#include "disk/sizes.hpp"

#include <algorithm>

namespace kiln::disk {
namespace {

constexpr std::uint64_t k_inode_size = 256;
constexpr std::uint64_t k_inode_ratio = 16384;
constexpr std::uint64_t k_spare_inodes = 1024;
constexpr std::uint64_t k_free_floor = 64 * k_mebibyte;
constexpr std::uint64_t k_gibibyte = 1024 * k_mebibyte;

/// The rest of the metadata of an empty filesystem: bitmaps, group descriptors and those reserved
/// for growing; measured, rounded up.
std::uint64_t other_metadata(std::uint64_t filesystem_size) {
    return 6 * k_mebibyte + filesystem_size / 256;
}

std::uint64_t vfat_size(const ContentUsage& content) {
    return content.bytes + content.bytes / 10 + content.inodes * 4096 + k_mebibyte;
}

} // namespace

std::uint64_t journal_size(std::uint64_t filesystem_size) {
    if (filesystem_size < 128 * k_mebibyte) {
        return 4 * k_mebibyte;
    }
    if (filesystem_size < k_gibibyte) {
        return 16 * k_mebibyte;
    }
    return filesystem_size < 2 * k_gibibyte ? 32 * k_mebibyte : 64 * k_mebibyte;
}

std::uint64_t inode_count(std::uint64_t filesystem_size, const ContentUsage& content) {
    return std::max(filesystem_size / k_inode_ratio,
                    content.inodes + content.inodes / 2 + k_spare_inodes);
}

std::uint64_t minimum_size(FilesystemType type, const ContentUsage& content) {
    if (type == FilesystemType::vfat) {
        // Content is measured in blocks of 4 KiB, clusters may be as small as a sector.
        return content.bytes - std::min(content.bytes, content.inodes * 4096);
    }
    const std::uint64_t journal = type == FilesystemType::ext2 ? 0 : journal_size(content.bytes);
    return content.bytes + content.inodes * k_inode_size + journal;
}

std::uint64_t comfortable_size(FilesystemType type, const ContentUsage& content) {
    if (type == FilesystemType::vfat) {
        return round_up(std::max(64 * k_mebibyte, 2 * vfat_size(content)), k_mebibyte);
    }
    const std::uint64_t data = std::max(content.bytes * 5 / 3, content.bytes + k_free_floor);
    // The inode table grows with the size and the size with it: a few rounds settle.
    std::uint64_t size = data;
    for (int round = 0; round < 4; ++round) {
        size = data + journal_size(size) + inode_count(size, content) * k_inode_size +
               other_metadata(size);
    }
    return round_up(size, k_mebibyte);
}

} // namespace kiln::disk
