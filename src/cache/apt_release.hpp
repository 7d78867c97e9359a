#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::cache {

/// The text of a Release file, whose signature is off.
struct AptRelease {
    /// Seconds since 1970; nothing when it is missing or not understood.
    std::optional<std::int64_t> date{};
    std::optional<std::int64_t> valid_until{};
    bool has_valid_until = false;
    /// Empty: the repository does not say.
    std::vector<std::string> architectures{};
    /// Packages of "all" are repeated in the indexes of the other architectures.
    bool all_in_others = false;
    /// SHA-256 of each Packages file by its path without a suffix: of the unpacked file where the
    /// list has it, else of a packed one. A leading "./" is off.
    std::map<std::string, std::string> digests{};

    /// Whether clients read an index of architecture "all" beside their own.
    [[nodiscard]] bool has_all() const;
};

/// What stands in a text with its signature around it ("InRelease"), not verified; other text as it
/// is.
std::string without_signature(std::string_view text);

/// Never throws: what is not understood is left out.
AptRelease parse_release(std::string_view text);

/// Seconds since 1970 of "Sat, 11 Jul 2026 10:16:37 UTC" (or GMT, Z, +0000); nothing for other
/// text.
std::optional<std::int64_t> parse_date(const std::string& text);

} // namespace kiln::cache
