#include "disk/identity.hpp"
#include "disk/layout.hpp"
#include "disk/layout_nodes.hpp"
#include "disk/partition_types.hpp"
#include "disk/sizes.hpp"
#include "util/edit_distance.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace kiln::disk {
namespace {

using config::YamlNode;
using Words = std::vector<std::string>;

const Words k_types = {"ext4", "ext3", "ext2", "vfat"};
const Words k_later_types = {"xfs", "btrfs", "swap", "ntfs", "f2fs"};

std::optional<std::string> text_of(const YamlNode& node, const std::string& key) {
    const std::optional<YamlNode> value = node.find(key);
    return value ? std::optional<std::string>(value->text()) : std::nullopt;
}

/// A scalar is split into words.
Words words_of(const YamlNode& node) {
    if (!node.is_list()) {
        return node.is_null() ? Words{} : util::split_words(node.text());
    }
    Words words;
    for (const YamlNode& item : node.items()) {
        words.push_back(item.text());
    }
    return words;
}

std::uint64_t size_of(const YamlNode& node) {
    const std::optional<std::uint64_t> size = parse_size(node.text());
    if (!size) {
        node.fail("'" + node.text() + "' is not a size", "write for example 512MiB or 2.5GB");
    }
    return *size;
}

int number_of(const YamlNode& node) {
    const std::string text = node.text();
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) {
        node.fail("'" + text + "' is not a number");
    }
    return value;
}

PartitionSize partition_size(const YamlNode& node) {
    const std::string text(util::trim(node.text()));
    if (!text.ends_with('%')) {
        return {.bytes = size_of(node), .percent = 0};
    }
    double percent = 0;
    const char* const end = text.data() + text.size() - 1;
    const auto [rest, error] = std::from_chars(text.data(), end, percent);
    if (error != std::errc() || rest != end || !(percent > 0) || percent > 100) {
        node.fail("'" + text + "' is no percentage", "write for example 50%; 100% is all the rest");
    }
    return {.bytes = 0, .percent = percent};
}

FilesystemType filesystem_type(const std::string& name, const YamlNode& place) {
    if (std::find(k_later_types.begin(), k_later_types.end(), name) != k_later_types.end()) {
        place.fail("the filesystem type '" + name + "' is not supported yet",
                   "supported are: " + util::join(k_types, ", "));
    }
    const auto found = std::find(k_types.begin(), k_types.end(), name);
    if (found == k_types.end()) {
        place.fail(
            "unknown filesystem type '" + name + "'",
            util::did_you_mean(name, k_types, "supported are: " + util::join(k_types, ", ")));
    }
    constexpr std::array k_values = {
        FilesystemType::ext4, FilesystemType::ext3, FilesystemType::ext2, FilesystemType::vfat};
    return k_values.at(static_cast<std::size_t>(found - k_types.begin()));
}

/// Turns the nodes into a Layout; remembers where each value stands for the checks at the end.
class Parser {
public:
    Parser(std::vector<LayoutNode> nodes, const LayoutDefaults& defaults)
        : nodes_(std::move(nodes)), defaults_(defaults) {}

    Layout parse(const YamlNode& document) {
        for (const LayoutNode& node : nodes_) {
            read(node);
        }
        if (disk_.empty()) {
            document.fail("the layout has no 'local_loop'",
                          "begin it with '- local_loop: {name: image0}'");
        }
        finish_filesystems();
        std::stable_sort(layout_.filesystems.begin(), layout_.filesystems.end(), mounted_before);
        return std::move(layout_);
    }

private:
    void read(const LayoutNode& node) {
        if (node.plugin == "local_loop") {
            read_disk(node);
        } else if (node.plugin == "partitioning") {
            read_table(node);
        } else if (node.plugin == "partition") {
            read_partition(node);
        } else if (node.plugin == "mkfs") {
            read_filesystem(node);
        } else {
            by_base_[node.plugin][node.base] = &node;
        }
    }

    void read_disk(const LayoutNode& node) {
        if (!disk_.empty()) {
            node.yaml.fail("a second 'local_loop': only one disk is supported");
        }
        disk_ = node.name;
        if (const auto size = node.yaml.find("size")) {
            layout_.disk_size = size_of(*size);
        }
        const auto block_size = node.yaml.find("block_size");
        if (block_size && block_size->text() != "512") {
            block_size->fail("a block size other than 512 is not supported yet");
        }
    }

    void read_table(const LayoutNode& node) {
        if (layout_.table != TableKind::none) {
            node.yaml.fail("a second 'partitioning': only one table is supported");
        }
        const auto label = node.yaml.find("label");
        const std::string word = label ? label->text() : "";
        if (word != "gpt" && word != "mbr") {
            label.value_or(node.yaml).fail("the 'label' of a 'partitioning' must be mbr or gpt");
        }
        layout_.table = word == "gpt" ? TableKind::gpt : TableKind::msdos;
        if (const auto align = node.yaml.find("align")) {
            layout_.alignment = size_of(*align);
            if (layout_.alignment == 0 || k_mebibyte % layout_.alignment != 0 ||
                layout_.alignment % k_sector != 0) {
                align->fail("'align' must divide 1MiB and be a multiple of 512");
            }
        }
    }

    void read_partition(const LayoutNode& node) {
        const auto size = node.yaml.find("size");
        if (!size) {
            node.yaml.fail("the partition '" + node.name + "' has no 'size'");
        }
        Partition partition{.name = node.name, .type = {}, .size = partition_size(*size)};
        read_type(node, partition);
        if (const auto flags = node.yaml.find("flags")) {
            read_flags(*flags, partition);
        }
        layout_.partitions.push_back(std::move(partition));
    }

    void read_type(const LayoutNode& node, Partition& partition) const {
        const bool gpt = layout_.table == TableKind::gpt;
        const auto type = node.yaml.find("type");
        partition.type = normalise_type(type ? type->text() : gpt ? "8300" : "83");
        if (gpt && !gpt_type(partition.type)) {
            type->fail("unknown GPT partition type '" + type->text() + "'",
                       util::did_you_mean(partition.type,
                                          known_gpt_codes(),
                                          "known are: " + util::join(known_gpt_codes(), ", ") +
                                              ", and type GUIDs"));
        }
        if (!gpt && !msdos_type(partition.type)) {
            type->fail("'" + type->text() + "' is no partition type of an MBR",
                       "write two hexadecimal digits, for example '83' or '0x83'");
        }
    }

    void read_flags(const YamlNode& flags, Partition& partition) const {
        static const Words k_flags = {"boot", "primary"};
        for (const YamlNode& flag : flags.items()) {
            const std::string word = flag.text();
            if (std::find(k_flags.begin(), k_flags.end(), word) == k_flags.end()) {
                flag.fail("unknown partition flag '" + word + "'",
                          util::did_you_mean(word, k_flags, "known are: boot, primary"));
            }
            if (word == "primary" && layout_.table == TableKind::gpt) {
                flag.fail("the flag 'primary' makes no sense with a gpt label");
            }
            (word == "boot" ? partition.boot : partition.primary) = true;
        }
    }

    void read_filesystem(const LayoutNode& node) {
        const bool on_partition = std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& base) {
            return base.name == node.base && base.plugin == "partition";
        });
        if (!on_partition && node.base != disk_) {
            node.yaml.fail("the 'mkfs' node '" + node.name +
                           "' must lie on a partition or the disk");
        }
        Filesystem filesystem{.name = node.name, .partition = on_partition ? node.base : ""};
        if (const auto options = node.yaml.find("opts")) {
            filesystem.options = words_of(*options);
        }
        if (const auto uuid = node.yaml.find("uuid")) {
            filesystem.uuid = uuid->text();
            if (!parse_uuid(filesystem.uuid)) {
                uuid->fail("'" + filesystem.uuid + "' is no UUID");
            }
        }
        for (const auto& [name, other] : mkfs_) {
            if (other->base == node.base) {
                node.yaml.fail("'" + node.base + "' has two filesystems");
            }
        }
        mkfs_[node.name] = &node;
        layout_.filesystems.push_back(std::move(filesystem));
    }

    void finish_filesystems() {
        for (Filesystem& filesystem : layout_.filesystems) {
            const LayoutNode& node = *mkfs_.at(filesystem.name);
            read_mount(filesystem);
            apply_defaults(filesystem, node);
            check_label(filesystem, node);
        }
        for (const auto& [base, node] : by_base_["mount"]) {
            if (!mkfs_.contains(base)) {
                node->yaml.fail("the 'mount' node '" + node->name + "' must lie on an 'mkfs' node");
            }
        }
    }

    void read_mount(Filesystem& filesystem) {
        const auto found = by_base_["mount"].find(filesystem.name);
        if (found == by_base_["mount"].end()) {
            return;
        }
        const LayoutNode& node = *found->second;
        const auto point = node.yaml.find("mount_point");
        if (!point || !point->text().starts_with('/')) {
            point.value_or(node.yaml).fail("a 'mount' needs a 'mount_point' that begins with /");
        }
        filesystem.mount_point = clean_path(*point);
        if (!mount_points_.insert({filesystem.mount_point, filesystem.name}).second) {
            point->fail("the mount point '" + filesystem.mount_point +
                        "' is specified more than once");
        }
        const auto fstab = by_base_["fstab"].find(node.name);
        if (fstab != by_base_["fstab"].end()) {
            filesystem.fstab = read_fstab(fstab->second->yaml);
        }
    }

    /// Without empty and "." parts; white space would break the fstab.
    static std::string clean_path(const YamlNode& node) {
        std::string path;
        for (const std::string& part : util::split(node.text(), '/')) {
            if (part == ".." || part.find_first_of(" \t\n") != std::string::npos) {
                node.fail("the mount point '" + node.text() + "' must be a plain absolute path");
            }
            if (!part.empty() && part != ".") {
                path += "/" + part;
            }
        }
        return path.empty() ? "/" : path;
    }

    static FstabEntry read_fstab(const YamlNode& node) {
        FstabEntry entry;
        if (const auto options = node.find("options")) {
            entry.options = util::join(util::split_words(options->text()), ",");
        }
        if (const auto frequency = node.find("dump-freq")) {
            entry.dump_frequency = number_of(*frequency);
        }
        if (const auto pass = node.find("fsck-passno")) {
            entry.pass = number_of(*pass);
        }
        return entry;
    }

    void apply_defaults(Filesystem& filesystem, const LayoutNode& node) const {
        const bool root = filesystem.name == "mkfs_root" || filesystem.mount_point == "/";
        const auto type = node.yaml.find("type");
        if (!type && !root) {
            node.yaml.fail("the 'mkfs' node '" + node.name + "' needs a 'type'",
                           "supported are: " + util::join(k_types, ", "));
        }
        filesystem.type =
            filesystem_type(type ? type->text() : defaults_.root_type, type.value_or(node.yaml));
        filesystem.label =
            text_of(node.yaml, "label").value_or(root ? defaults_.root_label : filesystem.name);
        if (filesystem.type == FilesystemType::vfat) {
            std::transform(filesystem.label.begin(),
                           filesystem.label.end(),
                           filesystem.label.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
        }
        if (root && filesystem.options.empty()) {
            filesystem.options = defaults_.root_options;
        }
    }

    void check_label(const Filesystem& filesystem, const LayoutNode& node) {
        const YamlNode place = node.yaml.find("label").value_or(node.yaml);
        const std::size_t limit = filesystem.type == FilesystemType::vfat ? 11 : 16;
        if (filesystem.label.size() > limit) {
            place.fail("the label '" + filesystem.label + "' is too long for filesystem type " +
                           type_name(filesystem.type),
                       "it may have " + std::to_string(limit) + " characters");
        }
        if (filesystem.label.find_first_of(" \t\n\"\\/") != std::string::npos) {
            place.fail("the label '" + filesystem.label +
                       "' has a character that fstab cannot hold");
        }
        if (!labels_.insert({filesystem.label, filesystem.name}).second) {
            place.fail("the label '" + filesystem.label + "' is used more than once",
                       "give each 'mkfs' a 'label' of its own");
        }
    }

    /// Folders sort before what is in them; what is not mounted comes last.
    static bool mounted_before(const Filesystem& left, const Filesystem& right) {
        if (left.mount_point.empty() || right.mount_point.empty()) {
            return !left.mount_point.empty() && right.mount_point.empty();
        }
        return util::split(left.mount_point, '/') < util::split(right.mount_point, '/');
    }

    std::vector<LayoutNode> nodes_;
    const LayoutDefaults& defaults_;
    Layout layout_;
    std::string disk_;
    std::map<std::string, const LayoutNode*> mkfs_;
    /// Plugin, name of the base, node.
    std::map<std::string, std::map<std::string, const LayoutNode*>> by_base_;
    std::map<std::string, std::string> labels_;
    std::map<std::string, std::string> mount_points_;
};

} // namespace

Layout parse_layout(const YamlNode& document, const LayoutDefaults& defaults) {
    return Parser(collect_nodes(document), defaults).parse(document);
}

} // namespace kiln::disk
