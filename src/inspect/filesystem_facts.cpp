#include "inspect/filesystem_facts.hpp"

#include "disk/byte_order.hpp"
#include "disk/identity.hpp"
#include "inspect/visible_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <limits>

namespace kiln::inspect {
namespace {

using disk::get_number;
using disk::ProbedFilesystem;

struct Feature {
    std::uint32_t bit;
    std::string_view name;
};

// include/linux/ext4 of Linux and lib/e2p/feature.c of e2fsprogs.
constexpr std::array k_compatible = {Feature{0x1, "dir_prealloc"},
                                     Feature{0x2, "imagic_inodes"},
                                     Feature{0x4, "has_journal"},
                                     Feature{0x8, "ext_attr"},
                                     Feature{0x10, "resize_inode"},
                                     Feature{0x20, "dir_index"},
                                     Feature{0x200, "sparse_super2"},
                                     Feature{0x400, "fast_commit"},
                                     Feature{0x800, "stable_inodes"},
                                     Feature{0x1000, "orphan_file"}};
constexpr std::array k_incompatible = {Feature{0x1, "compression"},
                                       Feature{0x2, "filetype"},
                                       Feature{0x4, "needs_recovery"},
                                       Feature{0x8, "journal_dev"},
                                       Feature{0x10, "meta_bg"},
                                       Feature{0x40, "extent"},
                                       Feature{0x80, "64bit"},
                                       Feature{0x100, "mmp"},
                                       Feature{0x200, "flex_bg"},
                                       Feature{0x400, "ea_inode"},
                                       Feature{0x2000, "metadata_csum_seed"},
                                       Feature{0x4000, "large_dir"},
                                       Feature{0x8000, "inline_data"},
                                       Feature{0x10000, "encrypt"},
                                       Feature{0x20000, "casefold"}};
constexpr std::array k_read_only = {Feature{0x1, "sparse_super"},
                                    Feature{0x2, "large_file"},
                                    Feature{0x8, "huge_file"},
                                    Feature{0x10, "uninit_bg"},
                                    Feature{0x20, "dir_nlink"},
                                    Feature{0x40, "extra_isize"},
                                    Feature{0x100, "quota"},
                                    Feature{0x200, "bigalloc"},
                                    Feature{0x400, "metadata_csum"},
                                    Feature{0x1000, "read-only"},
                                    Feature{0x2000, "project"},
                                    Feature{0x4000, "shared_blocks"},
                                    Feature{0x8000, "verity"},
                                    Feature{0x10000, "orphan_present"}};

constexpr std::uint32_t k_has_journal = 0x4;
constexpr std::uint32_t k_extents = 0x40;
constexpr std::uint32_t k_64_bit = 0x80;

/// Numbers and texts of one superblock; what lies behind the end is zero or empty.
class Super {
public:
    Super(std::string_view head, std::size_t at) : bytes_(head.substr(std::min(at, head.size()))) {}

    template <typename Number>
    [[nodiscard]] Number little(std::size_t at) const {
        return has(at, sizeof(Number)) ? get_number<Number>(bytes_, at) : Number{0};
    }

    template <typename Number>
    [[nodiscard]] Number big(std::size_t at) const {
        std::string turned(part(at, sizeof(Number)));
        std::reverse(turned.begin(), turned.end());
        return turned.size() == sizeof(Number) ? get_number<Number>(turned, 0) : Number{0};
    }

    [[nodiscard]] std::string uuid(std::size_t at) const {
        disk::Uuid uuid{};
        const std::string_view found = part(at, uuid.size());
        std::copy(found.begin(), found.end(), uuid.begin());
        return disk::to_string(uuid);
    }

    /// To the first zero.
    [[nodiscard]] std::string text(std::size_t at, std::size_t length) const {
        const std::string_view found = part(at, length);
        return visible_text(found.substr(0, found.find('\0')));
    }

private:
    [[nodiscard]] bool has(std::size_t at, std::size_t length) const {
        return at <= bytes_.size() && length <= bytes_.size() - at;
    }

    [[nodiscard]] std::string_view part(std::size_t at, std::size_t length) const {
        return has(at, length) ? bytes_.substr(at, length) : std::string_view();
    }

    std::string_view bytes_;
};

std::string product(std::uint64_t count, std::uint64_t size) {
    const bool fits = size == 0 || count <= std::numeric_limits<std::uint64_t>::max() / size;
    return fits ? std::to_string(count * size) : "impossible";
}

template <std::size_t Count>
void add_features(const std::array<Feature, Count>& known, std::uint32_t set, Properties& facts) {
    for (const Feature& feature : known) {
        if ((set & feature.bit) != 0) {
            facts.emplace_back("feature " + std::string(feature.name), "yes");
            set &= ~feature.bit;
        }
    }
    if (set != 0) {
        facts.emplace_back("further features", std::to_string(set));
    }
}

// Places: Documentation/filesystems/ext4/super.rst of Linux.
Properties ext_facts(std::string_view head) {
    const Super super(head, 1024);
    const auto compatible = super.little<std::uint32_t>(0x5c);
    const auto incompatible = super.little<std::uint32_t>(0x60);
    const std::uint64_t high =
        (incompatible & k_64_bit) != 0 ? super.little<std::uint32_t>(0x150) : 0;
    const std::uint64_t blocks = super.little<std::uint32_t>(0x4) | high << 32U;
    const std::uint64_t block = std::uint64_t{1024} << (super.little<std::uint32_t>(0x18) & 15U);
    const char* journalled = (compatible & k_has_journal) != 0 ? "ext3" : "ext2";
    Properties facts = {{"type", (incompatible & k_extents) != 0 ? "ext4" : journalled},
                        {"uuid", super.uuid(0x68)},
                        {"label", super.text(0x78, 16)},
                        {"size", product(blocks, block)},
                        {"block size", std::to_string(block)},
                        {"inodes", std::to_string(super.little<std::uint32_t>(0))}};
    add_features(k_compatible, compatible, facts);
    add_features(k_incompatible, incompatible, facts);
    add_features(k_read_only, super.little<std::uint32_t>(0x64), facts);
    return facts;
}

// fs/xfs/libxfs/xfs_format.h of Linux.
Properties xfs_facts(std::string_view head) {
    const Super super(head, 0);
    return {{"type", "xfs"},
            {"uuid", super.uuid(32)},
            {"label", super.text(108, 12)},
            {"size", product(super.big<std::uint64_t>(8), super.big<std::uint32_t>(4))}};
}

// include/uapi/linux/btrfs_tree.h of Linux.
Properties btrfs_facts(std::string_view head) {
    const Super super(head, 0x10000);
    return {{"type", "btrfs"},
            {"uuid", super.uuid(0x20)},
            {"label", super.text(0x12b, 256)},
            {"size", std::to_string(super.little<std::uint64_t>(0x70))}};
}

std::string hexadecimal(std::uint32_t number) {
    static constexpr std::string_view k_digits = "0123456789ABCDEF";
    std::string text;
    for (unsigned shift = 32; shift > 0; shift -= 4) {
        text += k_digits.at(number >> (shift - 4) & 15U);
    }
    return text.insert(4, "-");
}

// Microsoft's FAT specification, 3.1 to 3.3.
Properties fat_facts(std::string_view head) {
    const Super super(head, 0);
    const bool wide = super.text(82, 8).starts_with("FAT32");
    const std::uint32_t few = super.little<std::uint16_t>(19);
    const std::uint32_t sectors = few != 0 ? few : super.little<std::uint32_t>(32);
    std::string label = super.text(wide ? 71 : 43, 11);
    label.erase(label.find_last_not_of(' ') + 1);
    return {{"type", wide ? "FAT32" : super.text(54, 5)},
            {"uuid", hexadecimal(super.little<std::uint32_t>(wide ? 67 : 39))},
            {"label", label},
            {"size", product(sectors, super.little<std::uint16_t>(11))}};
}

// mm/swapfile.c of Linux: the header of a swap area of pages of 4 KiB.
Properties swap_facts(std::string_view head) {
    const Super super(head, 1024);
    return {{"type", "swap"}, {"uuid", super.uuid(12)}, {"label", super.text(28, 16)}};
}

} // namespace

Properties filesystem_facts(ProbedFilesystem kind, std::string_view head) {
    switch (kind) {
    case ProbedFilesystem::ext:
        return ext_facts(head);
    case ProbedFilesystem::xfs:
        return xfs_facts(head);
    case ProbedFilesystem::btrfs:
        return btrfs_facts(head);
    case ProbedFilesystem::vfat:
        return fat_facts(head);
    case ProbedFilesystem::swap:
        return swap_facts(head);
    case ProbedFilesystem::luks:
        return {{"type", "LUKS"}, {"uuid", Super(head, 0).text(168, 40)}};
    case ProbedFilesystem::squashfs:
        return {{"type", "squashfs"},
                {"size", std::to_string(Super(head, 0).little<std::uint64_t>(40))}};
    case ProbedFilesystem::lvm:
        return {{"type", "LVM"}};
    case ProbedFilesystem::unknown:
        break;
    }
    return {};
}

} // namespace kiln::inspect
