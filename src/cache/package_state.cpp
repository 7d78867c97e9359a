#include "cache/package_state.hpp"

#include "net/url.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace kiln::cache {
namespace {

using nlohmann::json;
using Kind = RepositoryUse::Kind;

constexpr std::array<std::pair<Kind, const char*>, 4> k_kinds = {{
    {Kind::apt, "apt"},
    {Kind::rpm, "rpm"},
    {Kind::rpm_mirrors, "rpm-mirrors"},
    {Kind::base_image, "base-image"},
}};

std::string name_of(Kind kind) {
    const auto found = std::find_if(
        k_kinds.begin(), k_kinds.end(), [&](const auto& k) { return k.first == kind; });
    return found->second;
}

Kind kind_of(const std::string& name) {
    const auto found = std::find_if(
        k_kinds.begin(), k_kinds.end(), [&](const auto& kind) { return kind.second == name; });
    if (found == k_kinds.end()) {
        throw util::Error({.what = "a package state names the unknown kind '" + name + "'"});
    }
    return found->first;
}

json json_of(const RepositoryUse& use) {
    json indexes = json::array();
    for (const PackageIndex& index : use.indexes) {
        indexes.push_back({{"path", index.path}, {"title", index.title}, {"sha256", index.digest}});
    }
    return {{"kind", name_of(use.kind)},
            {"url", use.url},
            {"keyrings", use.keyrings},
            {"fingerprints", use.fingerprints},
            {"signature_url", use.signature_url},
            {"signed", use.trust == RepositoryUse::Trust::signature},
            {"expires", use.expiry == RepositoryUse::Expiry::checked},
            {"indexes", indexes}};
}

RepositoryUse use_from(const json& data) {
    RepositoryUse use = {.kind = kind_of(data.at("kind").get<std::string>()),
                         .url = data.at("url").get<std::string>()};
    data.at("keyrings").get_to(use.keyrings);
    data.at("fingerprints").get_to(use.fingerprints);
    data.at("signature_url").get_to(use.signature_url);
    use.trust = data.at("signed").get<bool>() ? RepositoryUse::Trust::signature
                                              : RepositoryUse::Trust::none;
    use.expiry = data.at("expires").get<bool>() ? RepositoryUse::Expiry::checked
                                                : RepositoryUse::Expiry::ignored;
    for (const json& index : data.at("indexes")) {
        use.indexes.push_back({.path = index.at("path").get<std::string>(),
                               .title = index.at("title").get<std::string>(),
                               .digest = index.at("sha256").get<std::string>()});
    }
    return use;
}

/// Each part with its length before it, so that no two lists of parts give one text.
void add(util::Digest& digest, const std::string& part) {
    digest.update(std::to_string(part.size()) + ":" + part + "\n");
}

const RepositoryUse* find(const PackageState& state, const RepositoryUse& use) {
    const auto found = std::find_if(
        state.repositories.begin(), state.repositories.end(), [&](const RepositoryUse& other) {
            return other.kind == use.kind && other.url == use.url;
        });
    return found == state.repositories.end() ? nullptr : &*found;
}

const PackageIndex* find(const RepositoryUse& use, const std::string& path) {
    const auto found = std::find_if(use.indexes.begin(),
                                    use.indexes.end(),
                                    [&](const PackageIndex& index) { return index.path == path; });
    return found == use.indexes.end() ? nullptr : &*found;
}

std::string title_of(const PackageIndex& index) {
    return index.title.empty() ? index.path : index.title;
}

std::optional<std::string> difference(const PackageIndex& was, const PackageIndex& is, Kind kind) {
    const std::string title = title_of(was);
    if (was.digest.empty()) {
        return "which packages of " + title + " were used is not known";
    }
    if (is.digest.empty()) {
        return "what " + title + " has now is not known";
    }
    if (was.digest == is.digest) {
        return std::nullopt;
    }
    if (is.digest == k_absent_index) {
        return title + " is gone";
    }
    return title + (kind == Kind::base_image ? " is another image now" : " has new packages");
}

std::optional<std::string> difference(const RepositoryUse& was, const RepositoryUse& is) {
    for (const PackageIndex& index : was.indexes) {
        const PackageIndex* now = find(is, index.path);
        const PackageIndex absent = {.path = index.path, .title = "", .digest = k_absent_index};
        if (const auto words = difference(index, now == nullptr ? absent : *now, was.kind)) {
            return words;
        }
    }
    for (const PackageIndex& index : is.indexes) {
        if (find(was, index.path) == nullptr) {
            return title_of(index) + " was not used";
        }
    }
    return std::nullopt;
}

} // namespace

bool PackageState::complete() const {
    return std::all_of(repositories.begin(), repositories.end(), [](const RepositoryUse& use) {
        return !use.indexes.empty() &&
               std::none_of(use.indexes.begin(), use.indexes.end(), [](const PackageIndex& index) {
                   return index.digest.empty();
               });
    });
}

std::string state_digest(const PackageState& state) {
    util::Digest digest(util::DigestKind::sha256);
    add(digest, "package state 1");
    for (const RepositoryUse& use : state.repositories) {
        add(digest, name_of(use.kind));
        add(digest, use.url);
        add(digest, std::to_string(use.indexes.size()));
        for (const PackageIndex& index : use.indexes) {
            add(digest, index.path);
            add(digest, index.digest);
        }
    }
    return digest.finish();
}

std::string to_json(const PackageState& state) {
    json repositories = json::array();
    for (const RepositoryUse& use : state.repositories) {
        repositories.push_back(json_of(use));
    }
    // What a tree says may be no UTF-8.
    return json{{"repositories", repositories}}.dump(-1, ' ', true, json::error_handler_t::replace);
}

PackageState package_state_from_json(const std::string& text) {
    try {
        PackageState state;
        const json whole = json::parse(text);
        for (const json& data : whole.at("repositories")) {
            state.repositories.push_back(use_from(data));
        }
        return state;
    } catch (const json::exception& error) {
        throw util::Error({.what = std::string("this is no package state: ") + error.what()});
    }
}

std::optional<std::string> first_difference(const PackageState& recorded,
                                            const PackageState& current) {
    for (const RepositoryUse& use : recorded.repositories) {
        const RepositoryUse* now = find(current, use);
        if (now == nullptr) {
            return "'" + net::display_url(use.url) + "' is not used any more";
        }
        if (const auto words = difference(use, *now)) {
            return words;
        }
    }
    for (const RepositoryUse& use : current.repositories) {
        if (find(recorded, use) == nullptr) {
            return "'" + net::display_url(use.url) + "' was not used";
        }
    }
    return std::nullopt;
}

} // namespace kiln::cache
