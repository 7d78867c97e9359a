#include "cache/apt_state.hpp"

#include "cache/apt_sources.hpp"
#include "cache/tree_file.hpp"
#include "net/url.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>

namespace kiln::cache {
namespace {

constexpr const char* k_lists = "var/lib/apt/lists/";
constexpr const char* k_trusted_folder = "etc/apt/trusted.gpg.d";
constexpr std::uint64_t k_largest_keyring = std::uint64_t{8} << 20U;
constexpr std::uint64_t k_largest_release = std::uint64_t{32} << 20U;

bool ends_with(const std::string& text, std::string_view end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// What apt takes as the name of a file of sources or keys; it leaves out all others.
bool is_plain_name(const std::string& name) {
    return std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
    });
}

std::vector<AptSource> sources_of(const util::RootDir& tree) {
    std::vector<AptSource> sources =
        parse_one_line_sources(read_bounded(tree, "etc/apt/sources.list").value_or(""));
    const std::string folder = "etc/apt/sources.list.d";
    for (const std::string& name : tree.list(folder)) {
        const bool one_line = ends_with(name, ".list");
        if (!is_plain_name(name) || (!one_line && !ends_with(name, ".sources"))) {
            continue;
        }
        const std::string text = read_bounded(tree, util::child_path(folder, name)).value_or("");
        const std::vector<AptSource> more =
            one_line ? parse_one_line_sources(text) : parse_deb822_sources(text);
        sources.insert(sources.end(), more.begin(), more.end());
    }
    return sources;
}

/// Of apt.conf and apt.conf.d.
bool ignores_valid_until(const util::RootDir& tree) {
    const std::string folder = "etc/apt/apt.conf.d";
    std::vector<std::string> paths = {"etc/apt/apt.conf"};
    for (const std::string& name : tree.list(folder)) {
        paths.push_back(util::child_path(folder, name));
    }
    return std::any_of(paths.begin(), paths.end(), [&tree](const std::string& path) {
        return cache::ignores_valid_until(read_bounded(tree, path).value_or(""));
    });
}

void add_unique(std::vector<std::string>& list, const std::string& value) {
    if (std::find(list.begin(), list.end(), value) == list.end()) {
        list.push_back(value);
    }
}

/// Finds the keys of sources, and puts them into the documents.
class Keyrings {
public:
    Keyrings(const util::RootDir& tree, const TreeOptions& options, const Documents& documents)
        : tree_(tree), options_(options), documents_(documents) {}

    void add(const AptSource& source, RepositoryUse& use) {
        bool has_paths = false;
        for (const std::string& word : source.signed_by) {
            if (word.front() == '/') {
                has_paths = true;
                add_named(word, use);
            } else {
                add_unique(use.fingerprints, upper(word));
            }
        }
        if (!source.embedded_key.empty()) {
            keep(source.embedded_key, use);
        } else if (!has_paths) {
            add_trusted(use);
        }
    }

private:
    static std::string upper(std::string text) {
        std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
            return static_cast<char>(std::toupper(c));
        });
        // "KEY!" would refuse its subkeys; the key itself is what is asked for here.
        text.erase(std::remove(text.begin(), text.end(), '!'), text.end());
        return text;
    }

    void keep(const std::string& keys, RepositoryUse& use) const {
        if (const auto address = documents_.put_keyring(keys)) {
            add_unique(use.keyrings, *address);
        }
    }

    void add_named(const std::string& path, RepositoryUse& use) const {
        const auto keys = read_bounded(tree_, path, k_largest_keyring);
        if (keys) {
            keep(*keys, use);
        } else {
            add_of_host(path.substr(path.rfind('/') + 1), use);
        }
    }

    void add_of_host(const std::string& name, RepositoryUse& use) const {
        if (name.empty() || name == "." || name == ".." ||
            !std::filesystem::is_directory(options_.host_keyrings)) {
            return;
        }
        const util::RootDir host(options_.host_keyrings);
        if (const auto keys = read_bounded(host, name, k_largest_keyring)) {
            keep(*keys, use);
        }
    }

    /// The keys that apt trusts for everything; in a tree that has none, those that the host has
    /// for its distribution, as mmdebstrap does.
    void add_trusted(RepositoryUse& use) const {
        const auto file = read_bounded(tree_, "etc/apt/trusted.gpg", k_largest_keyring);
        if (file && !file->empty()) {
            keep(*file, use);
        }
        for (const std::string& name : tree_.list(k_trusted_folder)) {
            if (is_plain_name(name) && (ends_with(name, ".gpg") || ends_with(name, ".asc"))) {
                const std::string path = util::child_path(k_trusted_folder, name);
                keep(read_bounded(tree_, path, k_largest_keyring).value_or(""), use);
            }
        }
        if (use.keyrings.empty()) {
            add_of_host("debian-archive-keyring.gpg", use);
            add_of_host("ubuntu-archive-keyring.gpg", use);
        }
    }

    const util::RootDir& tree_;
    const TreeOptions& options_;
    const Documents& documents_;
};

/// Architectures whose packages a source offers to this tree.
std::set<std::string>
architectures_of(const AptSource& source, const util::RootDir& tree, const std::string& native) {
    std::set<std::string> names(source.architectures.begin(), source.architectures.end());
    if (names.empty()) {
        const auto foreign =
            util::split_words(read_bounded(tree, "var/lib/dpkg/arch").value_or(""));
        names.insert(foreign.begin(), foreign.end());
        names.insert(native);
    }
    names.insert(source.added_architectures.begin(), source.added_architectures.end());
    for (const std::string& name : source.removed_architectures) {
        names.erase(name);
    }
    return names;
}

void add_index(RepositoryUse& use, const std::string& path, const std::string& title) {
    const auto same = [&path](const PackageIndex& index) { return index.path == path; };
    if (std::none_of(use.indexes.begin(), use.indexes.end(), same)) {
        use.indexes.push_back({.path = path, .title = title, .digest = ""});
    }
}

void add_indexes(const AptSource& source,
                 const std::set<std::string>& architectures,
                 RepositoryUse& use) {
    if (source.suite.back() == '/') {
        add_index(use, "Packages", net::display_url(use.url));
    }
    for (const std::string& component : source.components) {
        for (const std::string& name : architectures) {
            add_index(use,
                      std::string(component).append("/binary-").append(name).append("/Packages"),
                      util::join({source.suite, component, name}, " "));
        }
    }
}

/// A folder on this machine: "file:" and "copy:" with one or three slashes.
std::optional<std::string> local_path(const std::string& url) {
    const std::size_t colon = url.find(':');
    const std::string scheme = url.substr(0, colon);
    if (scheme != "file" && scheme != "copy") {
        return std::nullopt;
    }
    const std::string rest = url.substr(colon + 1);
    return rest.rfind("//", 0) == 0 ? rest.substr(2) : rest;
}

/// As an URL that can be fetched.
std::string fetchable(const std::string& folder) {
    const auto path = local_path(folder);
    return path ? "file://" + *path : folder;
}

/// The list that apt has kept, without its signature.
std::optional<std::string> kept_release(const util::RootDir& tree, const std::string& folder) {
    for (const char* name : {"InRelease", "Release"}) {
        const std::string path = k_lists + apt_list_name(folder + name);
        if (const auto text = read_bounded(tree, path, k_largest_release)) {
            return without_signature(*text);
        }
    }
    return std::nullopt;
}

} // namespace

TreePackages
read_apt_state(const util::RootDir& tree, const TreeOptions& options, const Documents& documents) {
    // By the folder as apt writes it, from which the names of its lists are made.
    std::map<std::string, RepositoryUse> uses;
    Keyrings keyrings(tree, options, documents);
    const bool ignores_expiry = ignores_valid_until(tree);
    for (const AptSource& source : sources_of(tree)) {
        const std::string folder = release_folder(source, options.architecture);
        const auto path = local_path(folder);
        if (path && tree.exists(*path)) {
            continue;
        }
        RepositoryUse& use = uses[folder];
        use.url = fetchable(folder);
        keyrings.add(source, use);
        if (source.trusted) {
            use.trust = RepositoryUse::Trust::none;
        }
        if (!source.check_valid_until || ignores_expiry) {
            use.expiry = RepositoryUse::Expiry::ignored;
        }
        add_indexes(source, architectures_of(source, tree, options.architecture), use);
    }
    TreePackages packages;
    for (auto& [folder, use] : uses) {
        if (const auto text = kept_release(tree, folder)) {
            packages.has_lists = true;
            apply_release(parse_release(*text), use);
        }
        packages.state.repositories.push_back(std::move(use));
    }
    return packages;
}

void apply_release(const AptRelease& release, RepositoryUse& use) {
    std::vector<PackageIndex> all;
    for (PackageIndex& index : use.indexes) {
        const auto digest = release.digests.find(index.path);
        index.digest = digest == release.digests.end() ? k_absent_index : digest->second;
        const std::size_t architecture = index.path.find("/binary-");
        if (architecture == std::string::npos || !release.has_all()) {
            continue;
        }
        const std::string path = index.path.substr(0, architecture) + "/binary-all/Packages";
        const std::string title = index.title.substr(0, index.title.rfind(' ')) + " all";
        if (const auto found = release.digests.find(path); found != release.digests.end()) {
            all.push_back({.path = path, .title = title, .digest = found->second});
        }
    }
    use.indexes.insert(use.indexes.end(), all.begin(), all.end());
    std::sort(use.indexes.begin(), use.indexes.end(), [](const auto& a, const auto& b) {
        return a.path < b.path;
    });
    use.indexes.erase(std::unique(use.indexes.begin(), use.indexes.end()), use.indexes.end());
}

} // namespace kiln::cache
