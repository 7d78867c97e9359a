#include "cache/freshness.hpp"

#include "cache/apt_state.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <ctime>
#include <tuple>

namespace kiln::cache {
namespace {

/// No question takes more rounds; this one bounds a mistake.
constexpr int k_most_rounds = 6;

/// What makes two uses of a repository one question.
auto identity(const RepositoryUse& use) {
    return std::tie(use.kind,
                    use.url,
                    use.keyrings,
                    use.fingerprints,
                    use.signature_url,
                    use.trust,
                    use.expiry);
}

/// Those that must be asked: nothing can make a state current in which a digest is missing.
std::vector<RepositoryUse> distinct_uses(const std::vector<PackageState>& states) {
    std::vector<RepositoryUse> uses;
    for (const PackageState& state : states) {
        if (state.complete()) {
            uses.insert(uses.end(), state.repositories.begin(), state.repositories.end());
        }
    }
    const auto before = [](const auto& a, const auto& b) { return identity(a) < identity(b); };
    const auto same = [](const auto& a, const auto& b) { return identity(a) == identity(b); };
    std::sort(uses.begin(), uses.end(), before);
    uses.erase(std::unique(uses.begin(), uses.end(), same), uses.end());
    return uses;
}

const RepositoryAnswer& answer_for(const RepositoryUse& use,
                                   const std::vector<RepositoryUse>& uses,
                                   const std::vector<RepositoryAnswer>& answers) {
    const auto found = std::find_if(uses.begin(), uses.end(), [&](const RepositoryUse& other) {
        return identity(other) == identity(use);
    });
    return answers.at(static_cast<std::size_t>(found - uses.begin()));
}

/// The same indexes, with the digests that they have now.
RepositoryUse use_now(RepositoryUse use, const RepositoryNow& now) {
    for (PackageIndex& index : use.indexes) {
        const auto digest = now.release.digests.find(index.path);
        index.digest = digest == now.release.digests.end() ? k_absent_index : digest->second;
    }
    return use;
}

/// A difference is certain whatever the others say; without one, all must have answered.
Verdict verdict_for(const PackageState& state,
                    const std::vector<RepositoryUse>& uses,
                    const std::vector<RepositoryAnswer>& answers) {
    if (!state.complete()) {
        return Changed{first_difference(state, state).value_or("no index of packages is known")};
    }
    std::optional<util::ErrorInfo> failure;
    for (const RepositoryUse& use : state.repositories) {
        const RepositoryAnswer& answer = answer_for(use, uses, answers);
        if (const auto* error = std::get_if<util::ErrorInfo>(&answer)) {
            failure = failure.value_or(*error);
            continue;
        }
        if (std::holds_alternative<KeysLost>(answer)) {
            return Changed{"the keys of '" + net::display_url(use.url) +
                           "' are not in the cache any more"};
        }
        const RepositoryUse now = use_now(use, std::get<RepositoryNow>(answer));
        if (const auto words = first_difference({{use}}, {{now}})) {
            return Changed{*words};
        }
    }
    return failure ? Verdict(Unverified{*failure}) : Verdict(Current{});
}

std::vector<RepositoryUse*> incomplete_uses(PackageState& state) {
    std::vector<RepositoryUse*> uses;
    for (RepositoryUse& use : state.repositories) {
        if (!PackageState{{use}}.complete()) {
            uses.push_back(&use);
        }
    }
    return uses;
}

std::set<std::string> wanted_by(const std::vector<std::unique_ptr<RepositoryQuestion>>& questions) {
    std::set<std::string> urls;
    for (const auto& question : questions) {
        const std::set<std::string> wanted = question->wanted();
        urls.insert(wanted.begin(), wanted.end());
    }
    return urls;
}

} // namespace

Freshness::Freshness(Options options,
                     const Documents& documents,
                     net::Client& client,
                     process::Runner& runner,
                     report::Reporter& reporter)
    : options_(std::move(options)),
      documents_(documents),
      client_(client),
      runner_(runner),
      reporter_(reporter) {
    if (!options_.now) {
        options_.now = [] { return static_cast<std::int64_t>(std::time(nullptr)); };
    }
}

std::vector<Verdict> Freshness::check(const std::vector<PackageState>& states) {
    if (!must_ask(options_.policy, std::nullopt)) {
        return std::vector<Verdict>(states.size(), judge(options_.policy, std::nullopt));
    }
    const std::vector<RepositoryUse> uses = distinct_uses(states);
    const std::vector<RepositoryAnswer> found = answers(uses);
    std::vector<Verdict> verdicts;
    verdicts.reserve(states.size());
    for (const PackageState& state : states) {
        verdicts.push_back(judge(options_.policy, verdict_for(state, uses, found)));
    }
    return verdicts;
}

PackageState
Freshness::used(const util::RootDir& tree, const TreeOptions& options, std::int64_t started) {
    return complete(read_package_state(tree, options, documents_).state, started);
}

PackageState Freshness::complete(PackageState state, std::int64_t started) {
    const std::vector<RepositoryUse*> open = incomplete_uses(state);
    const FreshnessPolicy::Kind kind = options_.policy.kind;
    if (open.empty() || kind == FreshnessPolicy::Kind::pinned ||
        kind == FreshnessPolicy::Kind::offline) {
        return state;
    }
    std::vector<RepositoryUse> uses;
    uses.reserve(open.size());
    for (const RepositoryUse* use : open) {
        uses.push_back(*use);
    }
    const std::vector<RepositoryAnswer> found = ask_now(uses);
    for (std::size_t i = 0; i < open.size(); ++i) {
        if (const auto* error = std::get_if<util::ErrorInfo>(&found[i])) {
            reporter_.info("which packages were used is not known: " + error->what);
        }
        const auto* now = std::get_if<RepositoryNow>(&found[i]);
        if (now != nullptr && was_so(*now, started)) {
            apply_release(now->release, *open[i]);
        }
    }
    return state;
}

/// Whether the repository had this already when a hook began.
bool Freshness::was_so(const RepositoryNow& now, std::int64_t started) const {
    return now.since < started ||
           (now.changed && *now.changed + options_.mirror_delay.count() < started);
}

std::vector<RepositoryAnswer> Freshness::ask(const std::vector<RepositoryUse>& uses,
                                             const Fetch& fetch) const {
    const ListVerifier verifier(documents_, options_.scratch, runner_);
    const QuestionTools tools = {
        .documents = documents_, .verifier = verifier, .now = options_.now()};
    std::vector<std::unique_ptr<RepositoryQuestion>> questions;
    questions.reserve(uses.size());
    for (const RepositoryUse& use : uses) {
        questions.push_back(ask_repository(use, tools));
    }
    std::set<std::string> urls = wanted_by(questions);
    for (int round = 0; !urls.empty() && round < k_most_rounds; ++round) {
        const std::map<std::string, ListAnswer> lists = fetch(urls);
        for (const auto& question : questions) {
            if (!question->wanted().empty()) {
                question->take(lists);
            }
        }
        urls = wanted_by(questions);
    }
    std::vector<RepositoryAnswer> found;
    found.reserve(questions.size());
    for (const auto& question : questions) {
        found.push_back(question->answer());
    }
    return found;
}

std::vector<RepositoryAnswer> Freshness::ask_now(const std::vector<RepositoryUse>& uses) {
    const ListFetcher fetcher(documents_, client_);
    return ask(uses, [&](const std::set<std::string>& urls) {
        return fetcher.fetch(urls, options_.now());
    });
}

std::optional<RepositoryAnswer> Freshness::recall(const RepositoryUse& use) const {
    const std::int64_t now = options_.now();
    std::optional<std::int64_t> oldest = now;
    const auto kept = [&](const std::set<std::string>& urls) {
        std::map<std::string, ListAnswer> lists;
        for (const std::string& url : urls) {
            const auto list = documents_.find_list(url);
            const auto checked = documents_.list_checked(url, now);
            oldest = std::min(oldest, list ? checked : std::nullopt);
            lists[url] = net::DocumentFailure{};
            if (list) {
                lists[url] = FetchedList{.body = list->body,
                                         .last_modified = list->validators.last_modified,
                                         .since = list->since};
            }
        }
        return lists;
    };
    const std::vector<RepositoryAnswer> found = ask({use}, kept);
    const auto age = oldest ? std::optional(std::chrono::seconds(now - *oldest)) : std::nullopt;
    const bool is_good = std::holds_alternative<RepositoryNow>(found.front());
    return is_good && !must_ask(options_.policy, age) ? std::optional(found.front()) : std::nullopt;
}

std::vector<RepositoryAnswer> Freshness::answers(const std::vector<RepositoryUse>& uses) {
    std::vector<std::optional<RepositoryAnswer>> found;
    std::vector<RepositoryUse> open;
    for (const RepositoryUse& use : uses) {
        found.push_back(known_answer(use));
        if (!found.back()) {
            open.push_back(use);
        }
    }
    const std::vector<RepositoryAnswer> asked = ask_now(open);
    std::vector<RepositoryAnswer> all;
    all.reserve(found.size());
    auto next = asked.begin();
    for (const std::optional<RepositoryAnswer>& answer : found) {
        all.push_back(answer ? *answer : *next++);
    }
    return all;
}

/// The answer that needs no question; nothing when there is none.
std::optional<RepositoryAnswer> Freshness::known_answer(const RepositoryUse& use) const {
    if (!has_keys(use)) {
        return KeysLost{};
    }
    return options_.policy.kind == FreshnessPolicy::Kind::max_age ? recall(use) : std::nullopt;
}

bool Freshness::has_keys(const RepositoryUse& use) const {
    return use.trust == RepositoryUse::Trust::none || use.keyrings.empty() ||
           std::all_of(use.keyrings.begin(), use.keyrings.end(), [this](const std::string& key) {
               return documents_.keyring_file(key).has_value();
           });
}

} // namespace kiln::cache
