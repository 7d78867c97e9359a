#include "inspect/layout.hpp"

#include "disk/filesystem_probe.hpp"
#include "disk/gpt_format.hpp"
#include "disk/partition_reader.hpp"
#include "disk/sizes.hpp"
#include "inspect/visible_text.hpp"
#include "util/digest.hpp"

#include <algorithm>
#include <cstdint>

namespace kiln::inspect {
namespace {

using disk::ProbedFilesystem;
using disk::Region;
using disk::TableKind;

constexpr std::uint64_t k_layout_chunk = disk::k_mebibyte;
/// Where the entries of a GPT of the usual size end.
constexpr std::uint64_t k_gpt_end = (2 + disk::k_gpt_entry_sectors) * disk::k_sector;

std::string table_text(TableKind kind) {
    switch (kind) {
    case TableKind::gpt:
        return "gpt";
    case TableKind::msdos:
        return "mbr";
    default:
        return "none";
    }
}

/// Reads the parts of one disk.
class Reader {
public:
    explicit Reader(const LayoutRequest& request)
        : request_(request), raw_(disk::RawFile::open_readable(request.raw_path)) {}

    Layout read() {
        const disk::FoundTable table = disk::read_partition_table(raw_);
        add_disk(table);
        if (table.kind == TableKind::none) {
            add_filesystem("disk", {.offset = 0, .size = raw_.size()});
            return std::move(layout_);
        }
        add_boot_code(table);
        for (const disk::FoundPartition& partition : table.partitions) {
            add_partition(partition);
        }
        return std::move(layout_);
    }

private:
    void add_disk(const disk::FoundTable& table) {
        Properties properties = {{"size", std::to_string(raw_.size())},
                                 {"table", table_text(table.kind)}};
        if (!table.id.empty()) {
            properties.emplace_back("id", table.id);
        }
        layout_.push_back({.name = "disk", .properties = std::move(properties)});
    }

    /// In the first sector, and between the table and the first partition.
    void add_boot_code(const disk::FoundTable& table) {
        std::uint64_t first = raw_.size();
        for (const disk::FoundPartition& partition : table.partitions) {
            first = std::min(first, partition.offset);
        }
        const std::uint64_t start =
            table.kind == TableKind::gpt ? k_gpt_end : std::uint64_t{disk::k_sector};
        Properties properties = {
            {"first sector", content({.offset = 0, .size = disk::k_mbr_signature_at})}};
        if (start < first && !table.partitions.empty()) {
            properties.emplace_back("before the first partition",
                                    content({.offset = start, .size = first - start}));
        }
        layout_.push_back({.name = "boot code", .properties = std::move(properties)});
    }

    void add_partition(const disk::FoundPartition& partition) {
        const std::string name = "partition " + std::to_string(partition.number);
        LayoutItem item{.name = name,
                        .properties = {{"type", partition.type},
                                       {"start", std::to_string(partition.offset)},
                                       {"size", std::to_string(partition.size)},
                                       {"boot flag", partition.boot ? "yes" : "no"}}};
        if (!partition.uuid.empty()) {
            item.properties.emplace_back("uuid", partition.uuid);
            item.properties.emplace_back("name", visible_text(partition.name));
        }
        layout_.push_back(std::move(item));
        add_filesystem(name, {.offset = partition.offset, .size = partition.size});
    }

    void add_filesystem(const std::string& place, Region region) {
        const ProbedFilesystem kind = disk::probe_filesystem(raw_, region);
        const bool known = kind != ProbedFilesystem::unknown;
        LayoutItem item{.name = (known ? "filesystem of " : "content of ") + place};
        if (known) {
            const auto length = std::min<std::uint64_t>(k_filesystem_head, region.size);
            item.properties =
                filesystem_facts(kind, raw_.read(region.offset, static_cast<std::size_t>(length)));
        }
        if (!is_root(kind, region)) {
            item.properties.emplace_back("content", content(region));
        }
        layout_.push_back(std::move(item));
    }

    /// One that needs a kernel to be read may be the root too.
    [[nodiscard]] bool is_root(ProbedFilesystem kind, Region region) const {
        return kind == ProbedFilesystem::xfs || kind == ProbedFilesystem::btrfs ||
               kind == ProbedFilesystem::lvm ||
               (request_.root && request_.root->offset == region.offset);
    }

    [[nodiscard]] std::string content(Region region) const {
        util::Digest digest(util::DigestKind::sha256);
        while (region.size > 0) {
            if (request_.on_wait) {
                request_.on_wait();
            }
            const std::uint64_t length = std::min(k_layout_chunk, region.size);
            digest.update(raw_.read(region.offset, static_cast<std::size_t>(length)));
            region.offset += length;
            region.size -= length;
        }
        return digest.finish();
    }

    const LayoutRequest& request_;
    disk::RawFile raw_;
    Layout layout_;
};

const LayoutItem* find_item(const Layout& layout, const std::string& name) {
    const auto found = std::find_if(
        layout.begin(), layout.end(), [&](const LayoutItem& item) { return item.name == name; });
    return found == layout.end() ? nullptr : &*found;
}

std::optional<std::string> value_of(const Properties& properties, const std::string& name) {
    for (const auto& [key, value] : properties) {
        if (key == name) {
            return value;
        }
    }
    return std::nullopt;
}

std::vector<Change> diff_properties(const Properties& a, const Properties& b) {
    std::vector<Change> changes;
    for (const auto& [name, value] : a) {
        const std::optional<std::string> other = value_of(b, name);
        if (other != value) {
            changes.push_back({.property = name, .a = value, .b = other});
        }
    }
    for (const auto& [name, value] : b) {
        if (!value_of(a, name)) {
            changes.push_back({.property = name, .a = std::nullopt, .b = value});
        }
    }
    return changes;
}

} // namespace

Layout read_layout(const LayoutRequest& request) {
    return Reader(request).read();
}

std::vector<LayoutDifference> diff_layouts(const Layout& a, const Layout& b) {
    std::vector<LayoutDifference> found;
    for (const LayoutItem& item : a) {
        const LayoutItem* other = find_item(b, item.name);
        if (other == nullptr) {
            found.push_back({.item = item.name,
                             .presence = Presence::removed,
                             .changes = diff_properties(item.properties, {})});
            continue;
        }
        std::vector<Change> changes = diff_properties(item.properties, other->properties);
        if (!changes.empty()) {
            found.push_back({.item = item.name, .changes = std::move(changes)});
        }
    }
    for (const LayoutItem& item : b) {
        if (find_item(a, item.name) == nullptr) {
            found.push_back({.item = item.name,
                             .presence = Presence::added,
                             .changes = diff_properties({}, item.properties)});
        }
    }
    return found;
}

} // namespace kiln::inspect
