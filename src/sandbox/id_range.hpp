#pragma once

#include <optional>
#include <string>

namespace kiln::sandbox {

/// A range of subordinate ids, as in /etc/subuid (subuid(5)).
struct IdRange {
    unsigned long start = 0;
    unsigned long count = 0;
};

/// The user's own id and this many less one make the ids 0 to 65535 of an image.
inline constexpr unsigned long k_needed_ids = 65536;

/// Whether a range is enough for an image.
bool is_enough(const std::optional<IdRange>& range);

/// The largest range (of equals the first) that the text of /etc/subuid or /etc/subgid gives to a
/// user, by name or id.
std::optional<IdRange>
find_range(const std::string& content, const std::string& name, unsigned long id);

/// Where 65536 ids begin that no user has, by the text of /etc/subuid or /etc/subgid.
unsigned long first_free_id(const std::string& content);

} // namespace kiln::sandbox
