#include "element/pkg_map.hpp"

#include "config/yaml.hpp"
#include "element/element_file.hpp"
#include "util/text.hpp"

#include <array>
#include <map>
#include <string_view>

namespace kiln::element {
namespace {

using config::YamlNode;

constexpr std::string_view k_stream_suffix = "-stream";

void require_word(const YamlNode& node) {
    const std::string text = node.text();
    if (util::split_words(text) != std::vector<std::string>{text}) {
        node.fail("'" + text + "' is no name");
    }
}

/// Adds a row for each name of a table; prefix has the other columns.
void add_names(const YamlNode& table, const PkgMapRow& prefix, std::vector<PkgMapRow>& rows) {
    for (const auto& [name, value] : table.entries()) {
        require_word(name);
        PkgMapRow row = prefix;
        row.name = name.text();
        row.value = util::join(util::split_words(value.text()), " ");
        rows.push_back(std::move(row));
    }
}

void add_distributions(const YamlNode& tables,
                       const std::string& section,
                       std::vector<PkgMapRow>& rows) {
    for (const auto& [distribution, table] : tables.entries()) {
        require_word(distribution);
        add_names(table, {.section = section, .distribution = distribution.text()}, rows);
    }
}

void add_releases(const YamlNode& tables, std::vector<PkgMapRow>& rows) {
    for (const auto& [distribution, releases] : tables.entries()) {
        require_word(distribution);
        for (const auto& [release, table] : releases.entries()) {
            require_word(release);
            add_names(table,
                      {.section = "release",
                       .distribution = distribution.text(),
                       .release = release.text()},
                      rows);
        }
    }
}

void add_section(const std::string& section, const YamlNode& value, std::vector<PkgMapRow>& rows) {
    if (section == "release") {
        add_releases(value, rows);
    } else if (section == "default") {
        add_names(value, {.section = section}, rows);
    } else {
        add_distributions(value, section, rows);
    }
}

bool ends_with_stream(const std::string& release) {
    return release.size() > k_stream_suffix.size() &&
           release.compare(release.size() - k_stream_suffix.size(),
                           k_stream_suffix.size(),
                           k_stream_suffix) == 0;
}

/// The sections to look into for a distribution, the one that wins first.
std::vector<PkgMapRow> sections_for(const Distribution& distribution) {
    std::vector<PkgMapRow> keys = {
        {.section = "release", .distribution = distribution.name, .release = distribution.release}};
    if (ends_with_stream(distribution.release)) {
        const std::size_t length = distribution.release.size() - k_stream_suffix.size();
        keys.push_back({.section = "release",
                        .distribution = distribution.name,
                        .release = distribution.release.substr(0, length)});
    }
    keys.push_back({.section = "distro", .distribution = distribution.name});
    keys.push_back({.section = "family", .distribution = distribution_family(distribution.name)});
    keys.push_back({.section = "default"});
    return keys;
}

} // namespace

std::string distribution_family(const std::string& distribution) {
    static const std::map<std::string, std::string> k_families = {{"almalinux", "redhat"},
                                                                  {"centos", "redhat"},
                                                                  {"centos7", "redhat"},
                                                                  {"fedora", "redhat"},
                                                                  {"openeuler", "redhat"},
                                                                  {"rhel", "redhat"},
                                                                  {"rhel7", "redhat"},
                                                                  {"rocky", "redhat"},
                                                                  {"debian", "debian"},
                                                                  {"ubuntu", "debian"},
                                                                  {"opensuse", "suse"},
                                                                  {"gentoo", "gentoo"}};
    const auto found = k_families.find(distribution);
    return found == k_families.end() ? "" : found->second;
}

PkgMap PkgMap::parse(const std::string& content, const std::string& name) {
    const YamlNode document = config::parse_yaml(content, name);
    document.require_known_keys({"release", "distro", "family", "default"});
    PkgMap map;
    for (const auto& [section, value] : document.entries()) {
        add_section(section.text(), value, map.rows_);
    }
    return map;
}

std::optional<std::vector<std::string>> PkgMap::find(const std::string& name,
                                                     const Distribution& distribution) const {
    for (const PkgMapRow& key : sections_for(distribution)) {
        for (const PkgMapRow& row : rows_) {
            if (row.name == name && row.section == key.section &&
                row.distribution == key.distribution && row.release == key.release) {
                return util::split_words(row.value);
            }
        }
    }
    return std::nullopt;
}

std::optional<PkgMap> load_pkg_map(const Element& element) {
    const std::filesystem::path file = element.path / "pkg-map";
    const std::optional<std::string> content = read_element_file(file);
    if (!content) {
        return std::nullopt;
    }
    return PkgMap::parse(*content, file.string());
}

} // namespace kiln::element
