#include "disk/placement.hpp"

#include "disk/ext4_size.hpp"
#include "disk/sizes.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>

namespace kiln::disk {
namespace {

constexpr std::uint64_t k_largest_disk = std::uint64_t{1} << 50U;
constexpr unsigned k_first_logical_number = 5;
constexpr unsigned k_primary_slots = 4;

/// Bytes for each filesystem by its name.
using Needs = std::map<std::string, std::uint64_t>;

std::string mib(std::uint64_t bytes) {
    return std::to_string(round_up(bytes, k_mebibyte) / k_mebibyte) + " MiB";
}

ContentUsage content_of(const Contents& contents, const std::string& name) {
    const auto found = contents.find(name);
    return found == contents.end() ? ContentUsage{} : found->second;
}

const Filesystem* filesystem_on(const Layout& layout, const std::string& partition) {
    for (const Filesystem& filesystem : layout.filesystems) {
        if (filesystem.partition == partition) {
            return &filesystem;
        }
    }
    return nullptr;
}

/// Places partitions one after the other on a disk of a given size, as diskimage-builder does: the
/// first alignment unit is the table's, the last stays free (there GPT has its backup).
class Row {
public:
    Row(const Layout& layout, std::uint64_t disk_size)
        : layout_(layout), disk_size_(disk_size), margin_(margin(layout)), position_(margin_) {}

    /// False when the disk is too small.
    bool add(const Partition& partition) {
        PlacedPartition placed{
            .name = partition.name, .type = partition.type, .boot = partition.boot};
        number(partition, placed);
        const std::uint64_t end = disk_size_ - std::min(disk_size_, margin_);
        const std::uint64_t left = end > position_ ? end - position_ : 0;
        placed.offset = position_;
        placed.size = wanted(partition.size, left);
        position_ += placed.size;
        partitions_.push_back(placed);
        return placed.size > 0 && placed.size <= left;
    }

    [[nodiscard]] std::vector<PlacedPartition> take() { return std::move(partitions_); }

private:
    /// GPT needs 34 sectors at the start and 33 at the end.
    static std::uint64_t margin(const Layout& layout) {
        constexpr std::uint64_t k_gpt_sectors = 34;
        const std::uint64_t table = layout.table == TableKind::gpt ? k_gpt_sectors : 1;
        return round_up(table * k_sector, layout.alignment);
    }

    [[nodiscard]] std::uint64_t wanted(const PartitionSize& size, std::uint64_t left) const {
        if (size.percent == 0) {
            return round_up(size.bytes, layout_.alignment);
        }
        const auto part =
            static_cast<std::uint64_t>(static_cast<double>(left) * size.percent / 100);
        return round_down(std::min(part, left), layout_.alignment);
    }

    /// Takes the next number, and for the first logical partition the extended one around them all.
    void number(const Partition& partition, PlacedPartition& placed) {
        if (layout_.table == TableKind::gpt || partition.primary) {
            placed.number = next_primary_++;
            return;
        }
        if (next_logical_ == k_first_logical_number) {
            partitions_.push_back({.name = "extended",
                                   .number = next_primary_++,
                                   .kind = PartitionKind::extended,
                                   .type = "F",
                                   .offset = position_,
                                   .size = disk_size_ - std::min(disk_size_, position_)});
        }
        placed.kind = PartitionKind::logical;
        placed.number = next_logical_++;
        position_ += layout_.alignment;
    }

    const Layout& layout_;
    std::uint64_t disk_size_;
    std::uint64_t margin_;
    std::uint64_t position_;
    unsigned next_primary_ = 1;
    unsigned next_logical_ = k_first_logical_number;
    std::vector<PlacedPartition> partitions_;
};

/// Nothing when the disk cannot hold the partitions.
std::optional<Placement> try_place(const Layout& layout, std::uint64_t disk_size) {
    Placement placement{
        .table = layout.table, .alignment = layout.alignment, .disk_size = disk_size};
    if (layout.table == TableKind::none) {
        for (const Filesystem& filesystem : layout.filesystems) {
            placement.filesystems[filesystem.name] = {.offset = 0, .size = disk_size};
        }
        return placement;
    }
    Row row(layout, disk_size);
    for (const Partition& partition : layout.partitions) {
        if (!row.add(partition)) {
            return std::nullopt;
        }
    }
    placement.partitions = row.take();
    for (const Filesystem& filesystem : layout.filesystems) {
        const PlacedPartition* partition = find_partition(placement, filesystem.partition);
        placement.filesystems[filesystem.name] = {.offset = partition->offset,
                                                  .size = partition->size};
    }
    return placement;
}

bool holds(const Placement& placement, const Needs& needs) {
    return std::all_of(needs.begin(), needs.end(), [&](const auto& need) {
        return placement.filesystems.at(need.first).size >= need.second;
    });
}

/// A fixed partition need only hold its content; one that takes a share gets the comfortable size.
Needs comfortable_needs(const Layout& layout, const Contents& contents, std::uint64_t extra) {
    Needs needs;
    const Filesystem* root = root_filesystem(layout);
    for (const Filesystem& filesystem : layout.filesystems) {
        const ContentUsage content = content_of(contents, filesystem.name);
        needs[filesystem.name] = comfortable_size(filesystem.type, content) +
                                 (&filesystem == root ? round_up(extra, k_mebibyte) : 0);
    }
    for (const Partition& partition : layout.partitions) {
        const Filesystem* filesystem = filesystem_on(layout, partition.name);
        if (filesystem != nullptr && partition.size.percent == 0) {
            needs.erase(filesystem->name);
        }
    }
    return needs;
}

Needs minimum_needs(const Layout& layout, const Contents& contents) {
    Needs needs;
    for (const Filesystem& filesystem : layout.filesystems) {
        needs[filesystem.name] =
            minimum_size(filesystem.type, content_of(contents, filesystem.name));
    }
    return needs;
}

/// The smallest multiple of 1 MiB that holds the needs (placing is monotonic in the size); nothing
/// when no disk does, as with a partition after one of 100 %.
std::optional<std::uint64_t> smallest_disk(const Layout& layout, const Needs& needs) {
    std::uint64_t low = 1;
    std::uint64_t high = k_largest_disk / k_mebibyte;
    const auto enough = [&](std::uint64_t mebibytes) {
        const std::optional<Placement> placement = try_place(layout, mebibytes * k_mebibyte);
        return placement && holds(*placement, needs);
    };
    if (!enough(high)) {
        return std::nullopt;
    }
    while (low < high) {
        const std::uint64_t middle = (low + high) / 2;
        if (enough(middle)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low * k_mebibyte;
}

void check_partitions(const Layout& layout, const Needs& needs) {
    for (const Partition& partition : layout.partitions) {
        const Filesystem* filesystem = filesystem_on(layout, partition.name);
        const bool fixed = filesystem != nullptr && partition.size.percent == 0;
        if (fixed && partition.size.bytes < needs.at(filesystem->name)) {
            throw_too_small("the partition '" + partition.name + "'",
                            needs.at(filesystem->name),
                            partition.size.bytes);
        }
    }
}

/// At most four entries, and the extended one around the logical partitions is the last.
void check_primaries(const Layout& layout) {
    unsigned primaries = 0;
    bool logical = false;
    for (const Partition& partition : layout.partitions) {
        if (partition.primary && logical) {
            throw util::Error(
                {.what = "the primary partition '" + partition.name + "' comes after a logical one",
                 .hint = "put the partitions with the flag 'primary' first",
                 .code = util::ExitCode::usage});
        }
        primaries += partition.primary ? 1 : 0;
        logical = logical || !partition.primary;
    }
    if (primaries + (logical ? 1 : 0) > k_primary_slots) {
        throw util::Error({.what = "the layout has more than four primary partitions",
                           .hint = "leave the flag 'primary' out of some, or use 'label: gpt'",
                           .code = util::ExitCode::usage});
    }
}

[[noreturn]] void throw_impossible() {
    throw util::Error({.what = "no disk is large enough for this layout",
                       .hint = "a partition of 100% must be the last one",
                       .code = util::ExitCode::usage});
}

Placement place_in(const Layout& layout, const Needs& minimum, std::uint64_t asked) {
    const std::uint64_t disk_size = round_down(asked, k_mebibyte);
    std::optional<Placement> placement = try_place(layout, disk_size);
    if (!placement || !holds(*placement, minimum)) {
        const std::optional<std::uint64_t> needed = smallest_disk(layout, minimum);
        if (!needed) {
            throw_impossible();
        }
        throw_too_small("the image", *needed, asked);
    }
    return *placement;
}

} // namespace

void throw_too_small(const std::string& what, std::uint64_t needed, std::uint64_t given) {
    const bool image = what == "the image";
    const std::uint64_t gigabytes = needed / 1'000'000'000 + 1;
    throw util::Error({.what = what + " is too small for its content: at least " + mib(needed) +
                               " are needed, " + mib(given) + " are given",
                       .hint = image ? "give more with: --image-size " + std::to_string(gigabytes)
                                     : "give it a larger 'size' in the disk layout, or a larger "
                                       "disk with: --image-size N"});
}

const PlacedPartition* find_partition(const Placement& placement, const std::string& name) {
    const auto found = std::find_if(placement.partitions.begin(),
                                    placement.partitions.end(),
                                    [&](const auto& partition) { return partition.name == name; });
    return found == placement.partitions.end() ? nullptr : &*found;
}

Placement place(const Layout& layout, const Contents& contents, const SizeRequest& request) {
    const Needs minimum = minimum_needs(layout, contents);
    check_partitions(layout, minimum);
    if (layout.table == TableKind::msdos) {
        check_primaries(layout);
    }
    if (request.disk_size || layout.disk_size) {
        return place_in(
            layout, minimum, request.disk_size ? *request.disk_size : *layout.disk_size);
    }
    const std::optional<std::uint64_t> size =
        smallest_disk(layout, comfortable_needs(layout, contents, request.extra));
    if (!size) {
        throw_impossible();
    }
    return place_in(layout, minimum, *size);
}

} // namespace kiln::disk
