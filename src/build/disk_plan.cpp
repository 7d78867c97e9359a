#include "build/disk_plan.hpp"

#include "config/yaml.hpp"
#include "disk/identity.hpp"
#include "disk/placement.hpp"
#include "disk/sizes.hpp"
#include "element/unkeyed_variables.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_file_scheme = "file://";
constexpr double k_gib = 1024.0 * 1024 * 1024;

void check_root_type(const std::string& type) {
    static const std::vector<std::string> k_types = {"ext4", "ext3", "ext2"};
    if (std::find(k_types.begin(), k_types.end(), type) == k_types.end()) {
        throw util::Error({.what = "FS_TYPE='" + type + "': the root cannot be of that type",
                           .hint = "supported are: " + util::join(k_types, ", "),
                           .code = util::ExitCode::usage});
    }
}

disk::LayoutDefaults layout_defaults(const BuildOptions& options) {
    check_root_type(options.filesystem);
    disk::LayoutDefaults defaults = {.root_label = options.root_label,
                                     .root_type = options.filesystem};
    if (options.max_online_resize) {
        defaults.root_options = {"-E", "resize=" + std::to_string(*options.max_online_resize)};
    }
    if (options.journal_size) {
        const std::uint64_t mebibytes = *options.journal_size / disk::k_mebibyte;
        defaults.root_options.insert(defaults.root_options.end(),
                                     {"-J", "size=" + std::to_string(mebibytes)});
    }
    for (const std::string& word : util::split_words(options.mkfs_options)) {
        defaults.root_options.push_back(word);
    }
    return defaults;
}

std::optional<fs::path> layout_file(const BuildContext& context) {
    const std::string arch_name = "block-device-" + context.options.architecture + ".yaml";
    for (const element::Element& element : context.elements) {
        for (const std::string& name : {arch_name, std::string("block-device-default.yaml")}) {
            if (fs::exists(element.path / name)) {
                return element.path / name;
            }
        }
    }
    return std::nullopt;
}

config::YamlNode configured_layout(const std::string& text) {
    if (text.compare(0, k_file_scheme.size(), k_file_scheme) == 0) {
        const std::string path = text.substr(k_file_scheme.size());
        if (!fs::is_regular_file(path)) {
            throw util::Error({.what = "there is no disk layout '" + path + "'",
                               .hint = "correct DIB_BLOCK_DEVICE_CONFIG",
                               .code = util::ExitCode::usage});
        }
        return config::load_yaml(path);
    }
    return config::parse_yaml(text, "DIB_BLOCK_DEVICE_CONFIG");
}

/// The value of the last line "NAME=value" of the answers of hooks.
std::optional<std::string> last_answer(const std::string& output, const std::string& name) {
    std::optional<std::string> value;
    for (const std::string& line : util::split(output, '\n')) {
        const std::string_view text = util::trim(line);
        if (text.substr(0, name.size() + 1) == name + "=") {
            value = std::string(util::trim(text.substr(name.size() + 1)));
        }
    }
    return value;
}

unsigned root_partition_number(const disk::Layout& layout, const disk::Filesystem& root) {
    // The numbers do not depend on the sizes: place() gives the same ones later.
    const disk::Placement placement = disk::place(layout, {}, {});
    const disk::PlacedPartition* partition = disk::find_partition(placement, root.partition);
    return partition == nullptr ? 0 : partition->number;
}

} // namespace

disk::Layout choose_layout(const BuildContext& context) {
    const disk::LayoutDefaults defaults = layout_defaults(context.options);
    const std::string& configured = context.options.block_device_config;
    if (!configured.empty()) {
        return disk::parse_layout(configured_layout(configured), defaults);
    }
    if (const std::optional<fs::path> file = layout_file(context)) {
        return disk::parse_layout(config::load_yaml(*file), defaults);
    }
    return disk::flat_layout(defaults);
}

std::string layout_inputs(const BuildContext& context) {
    const disk::LayoutDefaults defaults = layout_defaults(context.options);
    std::string text = defaults.root_label + "\n" + defaults.root_type + "\n" +
                       util::join(defaults.root_options, "\n") + "\n";
    const std::string& configured = context.options.block_device_config;
    if (configured.compare(0, k_file_scheme.size(), k_file_scheme) == 0) {
        return text + util::read_file(configured.substr(k_file_scheme.size()));
    }
    const std::optional<fs::path> file = configured.empty() ? layout_file(context) : std::nullopt;
    return text + (file ? util::read_file(*file) : configured);
}

std::string disk_seed(const BuildContext& context, const element::HookTree& tree) {
    util::Digest digest(util::DigestKind::sha256);
    const auto add = [&digest](const std::string& text) {
        digest.update(std::to_string(text.size()) + ":" + text);
    };
    add("kiln disk 1");
    add(context.options.architecture);
    add(util::join(context.options.packages, " "));
    for (const auto& [name, value] : context.options.environment) {
        if (!element::is_unkeyed(name)) {
            add(name);
            add(value);
        }
    }
    for (const element::HookTreeEntry& entry : tree.entries()) {
        add(entry.relative_path);
        add(fs::is_regular_file(entry.source) ? util::read_file(entry.source) : "");
    }
    return digest.finish();
}

process::Environment
disk_variables(const disk::Layout& layout, const std::string& raw, const std::string& seed) {
    std::vector<std::string> mount_points;
    for (const disk::Filesystem& filesystem : layout.filesystems) {
        if (!filesystem.mount_point.empty()) {
            mount_points.push_back(filesystem.mount_point);
        }
    }
    process::Environment variables = {
        {"IMAGE_BLOCK_DEVICE", raw},
        {"IMAGE_BLOCK_DEVICES", " [image0]=" + raw + " "},
        {"DIB_MOUNTPOINTS", util::join(mount_points, "|")},
        {"KILN_PARTITION_TABLE", disk::table_name(layout.table)},
    };
    if (const disk::Filesystem* root = disk::root_filesystem(layout)) {
        variables["KILN_ROOT_PARTITION"] = std::to_string(root_partition_number(layout, *root));
        variables["KILN_ROOT_UUID"] =
            root->uuid.empty() ? disk::filesystem_uuid(seed, root->name) : root->uuid;
        variables["DIB_ROOT_LABEL"] = root->label;
        variables["DIB_ROOT_FSTYPE"] = disk::type_name(root->type);
    }
    return variables;
}

std::optional<std::uint64_t> image_size_answer(const std::string& output) {
    const std::optional<std::string> text = last_answer(output, "IMAGE_SIZE");
    if (!text) {
        return std::nullopt;
    }
    double gigabytes = 0;
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, gigabytes);
    if (error != std::errc{} || stop != end || !(gigabytes > 0) || gigabytes > 1e6) {
        throw util::Error({.what = "a hook answered IMAGE_SIZE='" + *text + "', which is no size",
                           .hint = "write to standard output, in GB: IMAGE_SIZE=2.5",
                           .code = util::ExitCode::hook,
                           .where = {"phase block-device-size"}});
    }
    return static_cast<std::uint64_t>(std::llround(gigabytes * k_gib));
}

std::optional<std::string> block_device_answer(const std::string& output) {
    const std::optional<std::string> path = last_answer(output, "IMAGE_BLOCK_DEVICE");
    if (!path || path->empty()) {
        return std::nullopt;
    }
    std::error_code ignored;
    if (!fs::is_regular_file(*path, ignored)) {
        throw util::Error(
            {.what = "a hook answered IMAGE_BLOCK_DEVICE='" + *path + "', which is no regular file",
             .hint = "kiln writes disks as files, without loop devices: create a sparse file "
                     "(truncate -s 4G \"$TMP_IMAGE_DIR/disk.raw\") and answer with its path",
             .code = util::ExitCode::hook,
             .where = {"phase block-device"}});
    }
    return path;
}

} // namespace kiln::build
