#include "cache/rpm_repository.hpp"

#include "cache/apt_sources.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace kiln::cache {
namespace {

constexpr std::size_t k_most_repositories = 1000;

using Section = std::map<std::string, std::string>;

struct NamedSection {
    std::string name;
    Section values{};
};

/// A line that begins with a blank goes on with the value before it.
void add_line(const std::string& line, NamedSection& section, std::string& key) {
    const std::string_view text = util::trim(line);
    if (line.front() == ' ' || line.front() == '\t') {
        if (!key.empty()) {
            section.values[key].append(" ").append(text);
        }
        return;
    }
    const std::size_t sign = text.find('=');
    key = sign == std::string_view::npos ? "" : std::string(util::trim(text.substr(0, sign)));
    if (!key.empty()) {
        section.values[key] = util::trim(text.substr(sign + 1));
    }
}

std::vector<NamedSection> parse_ini(std::string_view text) {
    std::vector<NamedSection> sections;
    std::string key;
    for (const std::string& line : util::split(text, '\n')) {
        const std::string_view content = util::trim(line);
        if (content.empty() || content.front() == '#' || content.front() == ';') {
            continue;
        }
        if (line.front() == '[') {
            const std::size_t end = content.find(']');
            sections.push_back({.name = std::string(content.substr(1, end == 0 ? 0 : end - 1))});
            key.clear();
        } else if (!sections.empty()) {
            add_line(line, sections.back(), key);
        }
    }
    return sections;
}

std::string value_of(const Section& section, const std::string& key) {
    const auto found = section.find(key);
    return found == section.end() ? "" : found->second;
}

std::vector<std::string> list_of(const Section& section, const std::string& key) {
    return util::split_words(util::replace_all(value_of(section, key), ",", " "));
}

bool is_name_character(unsigned char c) {
    return std::isalnum(c) != 0 || c == '_';
}

/// Length of "$name" or "${name}" at the beginning of text, and the name; nothing for other text.
std::optional<std::pair<std::size_t, std::string>> variable_at(std::string_view text) {
    const bool braced = text.substr(0, 2) == "${";
    const std::size_t begin = braced ? 2 : 1;
    std::size_t end = begin;
    while (end < text.size() && is_name_character(static_cast<unsigned char>(text[end]))) {
        ++end;
    }
    if (text.substr(0, 1) != "$" || end == begin ||
        (braced && (end == text.size() || text[end] != '}'))) {
        return std::nullopt;
    }
    return std::pair(end + (braced ? 1 : 0), std::string(text.substr(begin, end - begin)));
}

} // namespace

RpmDefaults parse_rpm_defaults(std::string_view text) {
    RpmDefaults defaults;
    for (const NamedSection& section : parse_ini(text)) {
        if (section.name == "main") {
            defaults.checks_list =
                apt_bool(value_of(section.values, "repo_gpgcheck")).value_or(false);
        }
    }
    return defaults;
}

std::vector<RpmRepository> parse_rpm_repositories(std::string_view text,
                                                  const RpmDefaults& defaults) {
    std::vector<RpmRepository> repositories;
    for (const NamedSection& section : parse_ini(text)) {
        const Section& values = section.values;
        RpmRepository repository = {.id = section.name,
                                    .name = value_of(values, "name"),
                                    .base_urls = list_of(values, "baseurl"),
                                    .mirror_list = value_of(values, "mirrorlist"),
                                    .metalink = value_of(values, "metalink"),
                                    .keys = list_of(values, "gpgkey")};
        const bool has_place = !repository.base_urls.empty() || !repository.mirror_list.empty() ||
                               !repository.metalink.empty();
        repository.enabled = apt_bool(value_of(values, "enabled")).value_or(true);
        repository.checks_list =
            apt_bool(value_of(values, "repo_gpgcheck")).value_or(defaults.checks_list);
        if (section.name != "main" && has_place && repositories.size() < k_most_repositories) {
            repositories.push_back(std::move(repository));
        }
    }
    return repositories;
}

std::string expand_variables(std::string_view text,
                             const std::map<std::string, std::string>& variables) {
    std::string result;
    while (!text.empty()) {
        const auto variable = variable_at(text);
        const auto known = variable ? variables.find(variable->second) : variables.end();
        if (known != variables.end()) {
            result += known->second;
            text.remove_prefix(variable->first);
        } else {
            result += text.front();
            text.remove_prefix(1);
        }
    }
    return result;
}

} // namespace kiln::cache
