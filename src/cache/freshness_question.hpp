#pragma once

#include "cache/apt_release.hpp"
#include "cache/freshness_fetcher.hpp"
#include "cache/freshness_verifier.hpp"
#include "cache/package_state.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

namespace kiln::cache {

/// What a repository has now.
struct RepositoryNow {
    /// By the paths of indexes; what is not here is absent.
    AptRelease release{};
    /// When it changed last by its own word: the latest of its date and Last-Modified.
    std::optional<std::int64_t> changed{};
    /// Since when it is known here to be as it is.
    std::int64_t since = 0;
};

/// The keys that its list must be signed with are not in the documents any more.
struct KeysLost {};

using RepositoryAnswer = std::variant<RepositoryNow, util::ErrorInfo, KeysLost>;

/// What an answer is made with.
struct QuestionTools {
    const Documents& documents;
    const ListVerifier& verifier;
    std::int64_t now;
};

/// The way to find out what one repository has now, round by round: wanted() names what is to be
/// fetched next, take() gets it, until nothing is wanted.
class RepositoryQuestion {
public:
    RepositoryQuestion() = default;
    RepositoryQuestion(const RepositoryQuestion&) = delete;
    RepositoryQuestion& operator=(const RepositoryQuestion&) = delete;
    RepositoryQuestion(RepositoryQuestion&&) = delete;
    RepositoryQuestion& operator=(RepositoryQuestion&&) = delete;
    virtual ~RepositoryQuestion() = default;

    [[nodiscard]] virtual std::set<std::string> wanted() const = 0;

    virtual void take(const std::map<std::string, ListAnswer>& answers) = 0;

    /// When nothing is wanted any more.
    [[nodiscard]] virtual RepositoryAnswer answer() const = 0;
};

std::unique_ptr<RepositoryQuestion> ask_apt(const RepositoryUse& use, const QuestionTools& tools);
std::unique_ptr<RepositoryQuestion> ask_rpm(const RepositoryUse& use, const QuestionTools& tools);
std::unique_ptr<RepositoryQuestion> ask_rpm_mirrors(const RepositoryUse& use,
                                                    const QuestionTools& tools);
std::unique_ptr<RepositoryQuestion> ask_base_image(const RepositoryUse& use,
                                                   const QuestionTools& tools);

/// For an address that kiln has no way to ask.
std::unique_ptr<RepositoryQuestion> ask_nobody(const RepositoryUse& use);

/// The one that fits the kind and address of use. tools must outlive it.
std::unique_ptr<RepositoryQuestion> ask_repository(const RepositoryUse& use,
                                                   const QuestionTools& tools);

} // namespace kiln::cache
