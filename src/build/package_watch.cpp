#include "build/package_watch.hpp"

#include "base/settings.hpp"
#include "util/error.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace kiln::build {
namespace {

cache::FreshnessPolicy policy_of(const BuildOptions& options) {
    cache::FreshnessPolicy policy = cache::parse_freshness(options.freshness, "--freshness");
    if (options.offline) {
        policy.kind = cache::FreshnessPolicy::Kind::offline;
    }
    return policy;
}

net::ClientOptions client_options(const BuildOptions& options,
                                  const std::function<void()>& on_wait) {
    net::ClientOptions client = base::client_options(options.environment);
    client.on_wait = on_wait;
    return client;
}

/// Nothing that is kept has passwords in it: they come from the variables that named the mirrors.
net::Logins logins_of(const BuildOptions& options) {
    std::vector<std::string> values;
    values.reserve(options.environment.size());
    for (const auto& [name, value] : options.environment) {
        values.push_back(value);
    }
    return net::logins_in(values);
}

bool has_list(const util::RootDir& tree, const std::string& folder) {
    const std::vector<std::string> names = tree.list(folder);
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        const auto info = tree.status(folder + "/" + name);
        return name.ends_with("Release") && info && S_ISREG(info->st_mode);
    });
}

bool has_file(const util::RootDir& tree, const char* path) {
    const auto info = tree.status(path);
    return info && S_ISREG(info->st_mode);
}

constexpr const char* k_lists = "var/lib/apt/lists";

/// The databases of installed packages.
bool installed_debs(const util::RootDir& layer) {
    return has_file(layer, "var/lib/dpkg/status");
}

bool installed_rpms(const util::RootDir& layer) {
    constexpr std::array<const char*, 5> k_databases = {"usr/lib/sysimage/rpm/rpmdb.sqlite",
                                                        "var/lib/rpm/rpmdb.sqlite",
                                                        "var/lib/rpm/Packages",
                                                        "usr/lib/sysimage/rpm/Packages.db",
                                                        "var/lib/rpm/Packages.db"};
    return std::any_of(k_databases.begin(), k_databases.end(), [&](const char* path) {
        return has_file(layer, path);
    });
}

Currency from(const cache::Verdict& verdict) {
    if (const auto* changed = std::get_if<cache::Changed>(&verdict)) {
        return {.current = false, .reason = changed->words};
    }
    if (const auto* unverified = std::get_if<cache::Unverified>(&verdict)) {
        throw util::Error(unverified->error);
    }
    return {};
}

} // namespace

PackageWatch::PackageWatch(const BuildOptions& options,
                           const std::string& scratch,
                           report::Reporter& reporter,
                           const std::function<void()>& on_wait)
    : options_(options),
      documents_(options.cache_directory / "documents"),
      client_(client_options(options, on_wait), reporter),
      logged_in_(client_, logins_of(options)),
      freshness_({.policy = policy_of(options), .scratch = scratch},
                 documents_,
                 logged_in_,
                 runner_,
                 reporter) {}

/// What a hook has fetched counts as an answer of the repositories.
bool PackageWatch::is_young(const cache::DatedState& used) const {
    const cache::FreshnessPolicy policy = policy_of(options_);
    const std::int64_t age = std::time(nullptr) - used.time;
    return policy.kind == cache::FreshnessPolicy::Kind::max_age && used.state.complete() &&
           age >= 0 && age <= policy.max_age.count();
}

Currency PackageWatch::currency_of(const std::vector<cache::DatedState>& states) {
    ask_for(states);
    for (const cache::DatedState& used : states) {
        const bool asked = !used.state.empty() && !is_young(used);
        Currency currency = asked ? from(known_.at(cache::to_json(used.state))) : Currency{};
        if (!currency.current) {
            return currency;
        }
    }
    return {};
}

void PackageWatch::ask_for(const std::vector<cache::DatedState>& states) {
    std::map<std::string, cache::PackageState> unknown;
    for (const cache::DatedState& used : states) {
        const std::string name = cache::to_json(used.state);
        if (!used.state.empty() && !is_young(used) && known_.count(name) == 0) {
            unknown[name] = used.state;
        }
    }
    std::vector<cache::PackageState> questions;
    questions.reserve(unknown.size());
    for (const auto& [name, state] : unknown) {
        questions.push_back(state);
    }
    if (questions.empty()) {
        return;
    }
    const std::vector<cache::Verdict> verdicts = freshness_.check(questions);
    std::size_t at = 0;
    for (const auto& [name, state] : unknown) {
        known_[name] = verdicts[at++];
    }
}

/// Hooks that install from lists that a layer below has fetched depend on that layer alone.
cache::PackageState
PackageWatch::used_by(const std::string& upper, const util::RootDir& tree, std::int64_t started) {
    const util::RootDir layer(upper);
    const bool fetched = has_list(layer, k_lists);
    const bool without_lists = installed_debs(layer) && !has_list(tree, k_lists);
    if (!fetched && !without_lists && !installed_rpms(layer)) {
        return {};
    }
    return freshness_.used(tree, {.architecture = options_.architecture}, started);
}

} // namespace kiln::build
