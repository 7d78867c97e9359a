#include "cache/rpm_state.hpp"

#include "cache/os_release.hpp"
#include "cache/rpm_metadata.hpp"
#include "cache/rpm_repository.hpp"
#include "cache/tree_file.hpp"
#include "net/url.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

#include <algorithm>
#include <map>

namespace kiln::cache {
namespace {

constexpr const char* k_repositories = "etc/yum.repos.d";
constexpr std::uint64_t k_largest_list = std::uint64_t{32} << 20U;

using Variables = std::map<std::string, std::string>;

/// As rpm calls what Debian calls "amd64".
std::string base_architecture(const std::string& debian) {
    static const std::map<std::string, std::string> k_names = {
        {"amd64", "x86_64"}, {"arm64", "aarch64"}, {"ppc64el", "ppc64le"}, {"i386", "i386"}};
    const auto found = k_names.find(debian);
    return found == k_names.end() ? debian : found->second;
}

/// $releasever: Fedora's number; of its enterprise relatives the part before the dot.
std::string release_version(const util::RootDir& tree) {
    const OsRelease release = parse_os_release(read_bounded(tree, "etc/os-release").value_or(""));
    const std::string& version = release.version_id;
    const std::string family = release.id + " " + release.id_like;
    const bool enterprise =
        family.find("rhel") != std::string::npos || family.find("centos") != std::string::npos;
    return enterprise ? version.substr(0, version.find('.')) : version;
}

Variables variables_of(const util::RootDir& tree, const std::string& architecture) {
    Variables variables = {{"basearch", base_architecture(architecture)},
                           {"arch", base_architecture(architecture)},
                           {"releasever", release_version(tree)}};
    for (const char* folder : {"etc/yum/vars", "etc/dnf/vars"}) {
        for (const std::string& name : tree.list(folder)) {
            const std::string text =
                read_bounded(tree, util::child_path(folder, name)).value_or("");
            variables[name] = util::trim(text.substr(0, text.find('\n')));
        }
    }
    return variables;
}

RpmDefaults defaults_of(const util::RootDir& tree) {
    const auto dnf = read_bounded(tree, "etc/dnf/dnf.conf");
    return parse_rpm_defaults(dnf ? *dnf : read_bounded(tree, "etc/yum.conf").value_or(""));
}

std::vector<RpmRepository> repositories_of(const util::RootDir& tree) {
    const RpmDefaults defaults = defaults_of(tree);
    std::vector<RpmRepository> repositories;
    for (const std::string& name : tree.list(k_repositories)) {
        if (name.size() > 5 && name.compare(name.size() - 5, 5, ".repo") == 0) {
            const std::string path = util::child_path(k_repositories, name);
            const auto more =
                parse_rpm_repositories(read_bounded(tree, path).value_or(""), defaults);
            repositories.insert(repositories.end(), more.begin(), more.end());
        }
    }
    return repositories;
}

std::string without_user(const std::string& url) {
    // Queries stay: they choose what a mirror list is about.
    const std::size_t end = url.find_first_of("?#");
    return net::display_url(url) + (end == std::string::npos ? "" : url.substr(end));
}

/// Where it is asked; nothing when it has no address.
std::optional<RepositoryUse> place_of(const RpmRepository& repository, const Variables& variables) {
    using UseKind = RepositoryUse::Kind;
    const auto expand = [&](const std::string& url) {
        return without_user(expand_variables(url, variables));
    };
    if (!repository.metalink.empty()) {
        return RepositoryUse{.kind = UseKind::rpm_mirrors, .url = expand(repository.metalink)};
    }
    if (!repository.mirror_list.empty()) {
        return RepositoryUse{.kind = UseKind::rpm_mirrors, .url = expand(repository.mirror_list)};
    }
    if (repository.base_urls.empty()) {
        return std::nullopt;
    }
    std::string url = expand(repository.base_urls.front());
    return RepositoryUse{.kind = UseKind::rpm, .url = url.back() == '/' ? url : url + "/"};
}

void add_keys(const RpmRepository& repository,
              const Variables& variables,
              const util::RootDir& tree,
              const Documents& documents,
              RepositoryUse& use) {
    constexpr std::string_view k_file = "file://";
    for (const std::string& key : repository.keys) {
        const std::string url = expand_variables(key, variables);
        if (url.compare(0, k_file.size(), k_file) != 0) {
            continue;
        }
        const auto bytes = read_bounded(tree, url.substr(k_file.size()));
        const auto address = bytes ? documents.put_keyring(*bytes) : std::nullopt;
        if (address) {
            use.keyrings.push_back(*address);
        }
    }
}

/// The repomd.xml that dnf or yum has kept: their folders are named after the repository and a
/// digest of its address.
std::optional<std::string> kept_list(const util::RootDir& tree, const std::string& id) {
    for (const std::string folder : {"var/cache/libdnf5", "var/cache/dnf"}) {
        for (const std::string& name : tree.list(folder)) {
            constexpr std::size_t k_digest = 16;
            const bool fits = name.size() == id.size() + 1 + k_digest &&
                              name.compare(0, id.size() + 1, id + "-") == 0;
            const std::string path =
                util::child_path(util::child_path(folder, name), "repodata/repomd.xml");
            if (const auto text = fits ? read_bounded(tree, path, k_largest_list) : std::nullopt) {
                return text;
            }
        }
    }
    return std::nullopt;
}

bool is_in_tree(const util::RootDir& tree, const RepositoryUse& use) {
    constexpr std::string_view k_file = "file://";
    return use.url.compare(0, k_file.size(), k_file) == 0 &&
           tree.exists(use.url.substr(k_file.size()));
}

std::string known_digest(const util::RootDir& tree, const std::string& id) {
    try {
        const auto list = kept_list(tree, id);
        return list ? parse_repomd(*list, id).primary : "";
    } catch (const util::Error&) { // broken: as if it were not there
        return "";
    }
}

} // namespace

TreePackages
read_rpm_state(const util::RootDir& tree, const TreeOptions& options, const Documents& documents) {
    TreePackages packages;
    const Variables variables = variables_of(tree, options.architecture);
    for (const RpmRepository& repository : repositories_of(tree)) {
        auto use = repository.enabled ? place_of(repository, variables) : std::nullopt;
        if (!use || is_in_tree(tree, *use)) {
            continue;
        }
        if (repository.checks_list) {
            add_keys(repository, variables, tree, documents, *use);
        } else {
            use->trust = RepositoryUse::Trust::none;
        }
        const std::string digest = known_digest(tree, repository.id);
        packages.has_lists = packages.has_lists || !digest.empty();
        use->indexes = {{.path = k_rpm_index, .title = repository.id, .digest = digest}};
        packages.state.repositories.push_back(std::move(*use));
    }
    return packages;
}

} // namespace kiln::cache
