#pragma once

#include "util/error.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>

namespace kiln::cache {

/// When what was built from packages may be used again.
struct FreshnessPolicy {
    enum class Kind {
        check,   ///< when the repositories, asked now, still have the same packages
        pinned,  ///< always
        max_age, ///< when they had them so long ago at most
        offline, ///< always, and nothing is asked
    };

    Kind kind = Kind::check;
    std::chrono::seconds max_age{0};
};

/// "check", "pinned", or "max-age=12h" (s, m, h, d). Throws util::Error (code usage) that names
/// where the text comes from: "--freshness".
FreshnessPolicy parse_freshness(const std::string& text, const std::string& meaning);

/// The same packages.
struct Current {};

/// Other packages, and which in words.
struct Changed {
    std::string words;
};

/// The repository could not be asked, or its answer cannot be trusted.
struct Unverified {
    util::ErrorInfo error;
};

using Verdict = std::variant<Current, Changed, Unverified>;

/// Whether repositories are asked, when the last answer that still stands is so old (nothing: there
/// is none).
bool must_ask(const FreshnessPolicy& policy, std::optional<std::chrono::seconds> age);

/// What the policy makes of what was found; found is nothing when nothing was looked at. Only a
/// policy that does not ask takes something without an answer; else it is an error, whose hint says
/// how to build all the same.
Verdict judge(const FreshnessPolicy& policy, const std::optional<Verdict>& found);

} // namespace kiln::cache
