#pragma once

#include <set>
#include <string>
#include <vector>

namespace kiln::element {

/// Where a build stops for a look: words `before-PHASE`, `after-PHASE`, `before-PHASE/HOOK`,
/// `after-PHASE/HOOK` and `after-error`, separated by commas or blanks. PHASE may end in ".d".
class BreakPoints {
public:
    BreakPoints() = default;

    /// Throws Error (code usage) for a word that names no place.
    explicit BreakPoints(const std::string& text);

    [[nodiscard]] bool empty() const noexcept { return words_.empty(); }

    [[nodiscard]] bool after_error() const { return words_.count("after-error") > 0; }

    /// place: "before-install", "after-install/50-nginx".
    [[nodiscard]] bool at(const std::string& place) const { return words_.count(place) > 0; }

    /// The words that name a hook of this phase, sorted: "after-install/50-nginx".
    [[nodiscard]] std::vector<std::string> at_hooks_of(const std::string& phase) const;

private:
    std::set<std::string> words_;
};

} // namespace kiln::element
