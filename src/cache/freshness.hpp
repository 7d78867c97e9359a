#pragma once

#include "cache/documents.hpp"
#include "cache/freshness_policy.hpp"
#include "cache/freshness_question.hpp"
#include "cache/package_state.hpp"
#include "cache/tree_packages.hpp"
#include "net/client.hpp"
#include "process/command.hpp"
#include "report/reporter.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace kiln::cache {

/// Whether what was built from packages is still what would be built now.
///
/// Before a build: check() asks for all recorded states at once; Current is a hit, Changed a miss
/// with the reason, Unverified an error to throw. After a hook that used packages: used() tells
/// what to record with its layer.
class Freshness {
public:
    struct Options {
        FreshnessPolicy policy{};
        /// For the files of gpgv; made when it is needed.
        std::string scratch;
        /// A mirror may serve a list this long after the date in it. See used().
        std::chrono::seconds mirror_delay{std::chrono::hours(6)};
        /// Seconds since 1970; replaced in tests.
        std::function<std::int64_t()> now{};
    };

    /// All but the options stay the caller's.
    Freshness(Options options,
              const Documents& documents,
              net::Client& client,
              process::Runner& runner,
              report::Reporter& reporter);

    /// A verdict for each state, as the policy says; an empty state is current. All repositories of
    /// all states are asked in one parallel round of conditional requests (a second one only for
    /// repositories that are seen first, and mirror lists). Throws only what the client throws to
    /// end the work.
    std::vector<Verdict> check(const std::vector<PackageState>& states);

    /// What a hook that began at `started` (seconds since 1970) used, told by the tree that it
    /// left. Where the tree still has its lists, that is exact. Else the repositories are asked
    /// now, and the answer counts only when it was the same before the hook began: it was already
    /// known here then (from a check() before the build), or its date and Last-Modified, the later
    /// of them, with the mirror's delay added, lie before. If neither, or if nobody can be asked
    /// (or may be: pinned, offline), the digest stays empty: such a layer is used by policies that
    /// do not ask, and built anew by the others, which then know.
    PackageState used(const util::RootDir& tree, const TreeOptions& options, std::int64_t started);

    /// The second half of used(): fills in the digests that are missing.
    PackageState complete(PackageState state, std::int64_t started);

private:
    using Fetch = std::function<std::map<std::string, ListAnswer>(const std::set<std::string>&)>;

    [[nodiscard]] std::vector<RepositoryAnswer> ask(const std::vector<RepositoryUse>& uses,
                                                    const Fetch& fetch) const;
    [[nodiscard]] std::vector<RepositoryAnswer> ask_now(const std::vector<RepositoryUse>& uses);
    /// The same from what is kept; nothing when that is too old for the policy, or not good.
    [[nodiscard]] std::optional<RepositoryAnswer> known_answer(const RepositoryUse& use) const;
    [[nodiscard]] bool was_so(const RepositoryNow& now, std::int64_t started) const;
    [[nodiscard]] std::optional<RepositoryAnswer> recall(const RepositoryUse& use) const;
    [[nodiscard]] std::vector<RepositoryAnswer> answers(const std::vector<RepositoryUse>& uses);
    [[nodiscard]] bool has_keys(const RepositoryUse& use) const;

    Options options_;
    const Documents& documents_;
    net::Client& client_;
    process::Runner& runner_;
    report::Reporter& reporter_;
};

} // namespace kiln::cache
