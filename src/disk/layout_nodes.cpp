#include "disk/layout_nodes.hpp"

#include "util/edit_distance.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace kiln::disk {
namespace {

using config::YamlNode;

const std::map<std::string, std::vector<std::string>>& plugin_keys() {
    static const std::map<std::string, std::vector<std::string>> k_keys = {
        {"local_loop", {"name", "size", "directory", "block_size"}},
        {"partitioning", {"name", "base", "label", "align", "partitions"}},
        {"partition", {"name", "size", "flags", "type"}},
        {"mkfs", {"name", "base", "type", "label", "opts", "uuid"}},
        {"mount", {"name", "base", "mount_point"}},
        {"fstab", {"name", "base", "options", "dump-freq", "fsck-passno"}}};
    return k_keys;
}

/// Keys that start a child node.
const std::vector<std::string> k_plugins = {"local_loop", "partitioning", "mkfs", "mount", "fstab"};
const std::vector<std::string> k_later_plugins = {"lvm", "pvs", "vgs", "lvs", "luks"};

bool contains(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

void check_plugin(const YamlNode& key) {
    const std::string name = key.text();
    if (contains(k_later_plugins, name)) {
        key.fail("'" + name + "' in a disk layout is not supported yet",
                 "use plain partitions with mkfs, mount and fstab");
    }
    if (!contains(k_plugins, name)) {
        key.fail("unknown layout plugin '" + name + "'",
                 util::did_you_mean(name, k_plugins, "known are: " + util::join(k_plugins, ", ")));
    }
}

std::string text_or(const YamlNode& node, const std::string& key, const std::string& otherwise) {
    const std::optional<YamlNode> value = node.find(key);
    return value ? value->text() : otherwise;
}

class Collector {
public:
    void add(const std::string& plugin, const YamlNode& yaml, const std::string& parent) {
        LayoutNode node{.plugin = plugin,
                        .name = {},
                        .base = plugin == "local_loop" ? "" : text_or(yaml, "base", parent),
                        .yaml = yaml};
        if (node.base.empty() && plugin != "local_loop") {
            yaml.fail("'" + plugin + "' needs a 'base'", "name the node that it lies on");
        }
        node.name = text_or(yaml, "name", plugin + "_" + node.base);
        if (!names_.emplace(node.name, nodes_.size()).second) {
            yaml.fail("duplicate node name: '" + node.name + "'");
        }
        nodes_.push_back(node);
        check_keys(node);
        add_partitions(node);
        add_children(node);
    }

    [[nodiscard]] std::vector<LayoutNode> take() {
        for (const LayoutNode& node : nodes_) {
            if (!node.base.empty() && !names_.contains(node.base)) {
                fail_missing_base(node);
            }
        }
        return std::move(nodes_);
    }

private:
    /// Keys are those of the plugin, or the names of plugins below it.
    static void check_keys(const LayoutNode& node) {
        const std::vector<std::string>& known = plugin_keys().at(node.plugin);
        for (const auto& [key, value] : node.yaml.entries()) {
            const std::string word = key.text();
            if (contains(known, word) || contains(k_plugins, word)) {
                continue;
            }
            if (contains(k_later_plugins, word)) {
                check_plugin(key);
            }
            std::vector<std::string> all = known;
            all.insert(all.end(), k_plugins.begin(), k_plugins.end());
            key.fail("unknown key '" + word + "' in '" + node.plugin + "'",
                     util::did_you_mean(word, all, "known are: " + util::join(known, ", ")));
        }
    }

    void add_partitions(const LayoutNode& node) {
        if (node.plugin != "partitioning") {
            return;
        }
        const std::optional<YamlNode> partitions = node.yaml.find("partitions");
        if (!partitions) {
            node.yaml.fail("'partitioning' needs 'partitions'");
        }
        for (const YamlNode& item : partitions->items()) {
            if (!item.find("name")) {
                item.fail("a partition needs a 'name'");
            }
            add("partition", item, node.name);
        }
    }

    void add_children(const LayoutNode& node) {
        for (const auto& [key, value] : node.yaml.entries()) {
            if (contains(k_plugins, key.text())) {
                add(key.text(), value, node.name);
            }
        }
    }

    [[noreturn]] void fail_missing_base(const LayoutNode& node) const {
        std::vector<std::string> known;
        for (const auto& [name, index] : names_) {
            known.push_back(name);
        }
        node.yaml.find("base").value_or(node.yaml).fail(
            "edge not defined: there is no node '" + node.base + "'",
            util::did_you_mean(node.base, known, "known are: " + util::join(known, ", ")));
    }

    std::vector<LayoutNode> nodes_;
    std::map<std::string, std::size_t> names_;
};

} // namespace

std::vector<LayoutNode> collect_nodes(const YamlNode& document) {
    Collector collector;
    for (const YamlNode& item : document.items()) {
        const auto entries = item.entries();
        if (entries.size() != 1) {
            item.fail("an entry of a layout should be a single mapping with one key",
                      "write '- mkfs: {...}', one plugin for each '-'");
        }
        check_plugin(entries.front().first);
        collector.add(entries.front().first.text(), entries.front().second, "");
    }
    return collector.take();
}

} // namespace kiln::disk
