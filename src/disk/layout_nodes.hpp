#pragma once

#include "config/yaml.hpp"

#include <string>
#include <vector>

namespace kiln::disk {

/// A node of diskimage-builder's block device graph.
struct LayoutNode {
    /// "mkfs", "partition", ...
    std::string plugin;
    std::string name;
    /// Name of the node that it lies on; empty for local_loop.
    std::string base;
    config::YamlNode yaml;
};

/// Reads tree and graph form into a flat list, parents before children, and checks that names are
/// unique, bases exist, and plugins and keys are known. Throws Error as parse_layout does.
std::vector<LayoutNode> collect_nodes(const config::YamlNode& document);

} // namespace kiln::disk
