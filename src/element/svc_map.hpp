#pragma once

#include "element/catalog.hpp"

#include <map>
#include <string>
#include <vector>

namespace kiln::element {

/// What one service is called.
struct SvcMapEntry {
    std::string service;
    /// By distribution, family, or "default".
    std::map<std::string, std::string> names{};
    /// "file:line:column".
    std::string position{};
};

/// Parses an svc-map file: "service: {distribution|family|default: name}". name is what errors call
/// it. Throws Error (code usage) with file:line:column.
std::vector<SvcMapEntry> parse_svc_map(const std::string& content, const std::string& name);

/// The name in a distribution: that of the distribution, else of its family, else the default, else
/// the service's own.
std::string service_name(const SvcMapEntry& entry, const std::string& distribution);

/// Service to its name in a distribution, from the svc-map of every element that has one. Throws
/// Error, code usage for a file that cannot be parsed, code hook when two of them have the same
/// service.
std::map<std::string, std::string> merge_svc_maps(const std::vector<Element>& elements,
                                                  const std::string& distribution);

} // namespace kiln::element
