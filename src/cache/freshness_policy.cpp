#include "cache/freshness_policy.hpp"

#include <charconv>

namespace kiln::cache {
namespace {

using PolicyKind = FreshnessPolicy::Kind;
using std::chrono::seconds;

constexpr const char* k_way_out =
    "to build from the cache without a check: --freshness=max-age=7d, --freshness=pinned or "
    "--offline";

std::optional<seconds> unit_of(char name) {
    switch (name) {
    case 's':
        return seconds(1);
    case 'm':
        return std::chrono::minutes(1);
    case 'h':
        return std::chrono::hours(1);
    case 'd':
        return std::chrono::hours(24);
    default:
        return std::nullopt;
    }
}

/// "12h"; nothing for other text, and for more than a hundred years.
std::optional<seconds> parse_duration(const std::string& text) {
    constexpr long k_longest = 36500L * 24 * 3600;
    long count = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    const auto unit = stop + 1 == end ? unit_of(*stop) : std::nullopt;
    if (error != std::errc{} || count < 0 || !unit || count > k_longest / unit->count()) {
        return std::nullopt;
    }
    return count * *unit;
}

} // namespace

FreshnessPolicy parse_freshness(const std::string& text, const std::string& meaning) {
    const std::string max_age = "max-age=";
    if (text == "check") {
        return {};
    }
    if (text == "pinned") {
        return {.kind = PolicyKind::pinned};
    }
    if (text.rfind(max_age, 0) == 0) {
        if (const auto age = parse_duration(text.substr(max_age.size()))) {
            return {.kind = PolicyKind::max_age, .max_age = *age};
        }
    }
    throw util::Error({.what = meaning + "='" + text + "' is not understood",
                       .hint = "one of: check, pinned, max-age=12h (a number and s, m, h or d)",
                       .code = util::ExitCode::usage});
}

bool must_ask(const FreshnessPolicy& policy, std::optional<seconds> age) {
    switch (policy.kind) {
    case PolicyKind::check:
        return true;
    case PolicyKind::max_age:
        return !age || *age > policy.max_age;
    case PolicyKind::pinned:
    case PolicyKind::offline:
        return false;
    }
    return true;
}

Verdict judge(const FreshnessPolicy& policy, const std::optional<Verdict>& found) {
    if (policy.kind == PolicyKind::pinned || policy.kind == PolicyKind::offline) {
        return Current{};
    }
    if (!found) {
        return Unverified{{.what = "the package repositories were not asked",
                           .hint = k_way_out,
                           .code = util::ExitCode::remote}};
    }
    Verdict verdict = *found;
    if (auto* unverified = std::get_if<Unverified>(&verdict)) {
        std::string& hint = unverified->error.hint;
        hint += (hint.empty() ? "" : "; ") + std::string(k_way_out);
        unverified->error.code = util::ExitCode::remote;
    }
    return verdict;
}

} // namespace kiln::cache
