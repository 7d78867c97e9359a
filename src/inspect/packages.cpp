#include "inspect/packages.hpp"

#include "inspect/debian_version.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <array>

namespace kiln::inspect {
namespace {

constexpr std::string_view k_status = "var/lib/dpkg/status";
constexpr std::string_view k_status_folder = "var/lib/dpkg/status.d/";

// Of rpm 4 and later: the name of the file says the kind (bdb, ndb, sqlite).
constexpr std::array<std::string_view, 6> k_rpm = {
    "var/lib/rpm/Packages",
    "var/lib/rpm/Packages.db",
    "var/lib/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/Packages",
    "usr/lib/sysimage/rpm/Packages.db",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
};

struct Stanza {
    std::string name;
    std::string architecture;
    Package package{.version = {}, .state = "installed"};

    void take(std::string_view key, std::string_view value) {
        if (key == "Package") {
            name = value;
        } else if (key == "Architecture") {
            architecture = value;
        } else if (key == "Version") {
            package.version = value;
        } else if (key == "Status") {
            const std::vector<std::string> words = util::split_words(value);
            package.state = words.size() == 3 ? words.back() : "unknown";
        }
    }
};

/// Takes the next line off the text.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

void keep(Stanza& stanza, Packages& packages) {
    if (!stanza.name.empty() && stanza.package.state != "not-installed") {
        packages[{stanza.name, stanza.architecture}] = stanza.package;
    }
    stanza = {};
}

std::string text_of(const Package& package) {
    return package.state == "installed" ? package.version
                                        : package.version + " (" + package.state + ")";
}

PackageDifference
difference(const Packages::key_type& key, const Package* before, const Package* after) {
    PackageDifference found{.name = key.first, .architecture = key.second};
    if (before != nullptr) {
        found.a = text_of(*before);
    }
    if (after != nullptr) {
        found.b = text_of(*after);
    }
    if (before == nullptr || after == nullptr) {
        found.change = before == nullptr ? PackageChange::added : PackageChange::removed;
    } else if (before->version == after->version) {
        found.change = PackageChange::state;
    } else {
        found.change = compare_versions(before->version, after->version) < 0
                           ? PackageChange::upgraded
                           : PackageChange::downgraded;
    }
    return found;
}

const Package* find(const Packages& packages, const Packages::key_type& key) {
    const auto found = packages.find(key);
    return found == packages.end() ? nullptr : &found->second;
}

} // namespace

bool is_package_database(const std::string& path) {
    return path == k_status || (path.starts_with(k_status_folder) && !path.ends_with(".md5sums"));
}

Packages parse_dpkg_status(std::string_view text) {
    Packages packages;
    Stanza stanza;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        const std::size_t colon = line.find(':');
        if (util::trim(line).empty()) {
            keep(stanza, packages);
        } else if (line.front() != ' ' && line.front() != '\t' && colon != std::string_view::npos) {
            stanza.take(line.substr(0, colon), util::trim(line.substr(colon + 1)));
        }
    }
    keep(stanza, packages);
    return packages;
}

std::optional<Packages> packages_of(const TreeIndex& tree) {
    if (tree.databases.empty()) {
        return std::nullopt;
    }
    Packages all;
    for (const auto& [path, text] : tree.databases) {
        all.merge(parse_dpkg_status(text));
    }
    return all;
}

bool has_rpm_database(const TreeIndex& tree) {
    return std::any_of(k_rpm.begin(), k_rpm.end(), [&tree](std::string_view path) {
        return tree.files.contains(std::string(path));
    });
}

std::vector<PackageDifference> diff_packages(const Packages& a, const Packages& b) {
    std::vector<PackageDifference> found;
    Packages all = a;
    all.insert(b.begin(), b.end());
    for (const auto& [key, ignored] : all) {
        const Package* before = find(a, key);
        const Package* after = find(b, key);
        const bool same = before != nullptr && after != nullptr &&
                          before->version == after->version && before->state == after->state;
        if (!same) {
            found.push_back(difference(key, before, after));
        }
    }
    return found;
}

std::string change_name(PackageChange change) {
    switch (change) {
    case PackageChange::added:
        return "added";
    case PackageChange::removed:
        return "removed";
    case PackageChange::upgraded:
        return "upgraded";
    case PackageChange::downgraded:
        return "downgraded";
    case PackageChange::state:
        break;
    }
    return "state";
}

} // namespace kiln::inspect
