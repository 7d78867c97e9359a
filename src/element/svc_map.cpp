#include "element/svc_map.hpp"

#include "config/yaml.hpp"
#include "element/element_file.hpp"
#include "element/pkg_map.hpp"
#include "util/error.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>

namespace kiln::element {
namespace {

using config::YamlNode;

/// What systemd allows in the name of a unit.
bool is_service_name(std::string_view text) {
    const auto fits = [](unsigned char letter) {
        return std::isalnum(letter) != 0 ||
               std::string_view("_.@:\\-").find(static_cast<char>(letter)) !=
                   std::string_view::npos;
    };
    return !text.empty() && std::isalnum(static_cast<unsigned char>(text.front())) != 0 &&
           text.back() != ':' && std::all_of(text.begin(), text.end(), fits);
}

std::string service_text(const YamlNode& node) {
    std::string text = node.text();
    if (!is_service_name(text)) {
        node.fail("'" + text + "' is no name of a service");
    }
    return text;
}

SvcMapEntry parse_entry(const YamlNode& service, const YamlNode& names) {
    SvcMapEntry entry{.service = service_text(service), .position = service.position()};
    if (names.is_null()) {
        return entry;
    }
    for (const auto& [distribution, name] : names.entries()) {
        entry.names[distribution.text()] = service_text(name);
    }
    return entry;
}

[[noreturn]] void fail_twice(const SvcMapEntry& first, const SvcMapEntry& second) {
    throw util::Error({.what = second.position + ": service '" + second.service +
                               "' is already in '" + first.position + "'",
                       .hint = "take it out of one of the two svc-map files",
                       .code = util::ExitCode::hook});
}

} // namespace

std::vector<SvcMapEntry> parse_svc_map(const std::string& content, const std::string& name) {
    const YamlNode document = config::parse_yaml(content, name);
    std::vector<SvcMapEntry> entries;
    if (document.is_null()) {
        return entries;
    }
    for (const auto& [service, names] : document.entries()) {
        entries.push_back(parse_entry(service, names));
    }
    return entries;
}

std::string service_name(const SvcMapEntry& entry, const std::string& distribution) {
    for (const std::string& key :
         {distribution, distribution_family(distribution), std::string("default")}) {
        const auto found = entry.names.find(key);
        if (found != entry.names.end()) {
            return found->second;
        }
    }
    return entry.service;
}

std::map<std::string, std::string> merge_svc_maps(const std::vector<Element>& elements,
                                                  const std::string& distribution) {
    std::map<std::string, SvcMapEntry> merged;
    for (const Element& element : elements) {
        const std::filesystem::path file = element.path / "svc-map";
        const std::optional<std::string> content = read_element_file(file);
        for (SvcMapEntry& entry : parse_svc_map(content.value_or(""), file.string())) {
            const auto found = merged.find(entry.service);
            if (found != merged.end()) {
                fail_twice(found->second, entry);
            }
            merged.emplace(entry.service, std::move(entry));
        }
    }
    std::map<std::string, std::string> names;
    for (const auto& [service, entry] : merged) {
        names[service] = service_name(entry, distribution);
    }
    return names;
}

} // namespace kiln::element
