#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace kiln::sandbox {

/// A range of subordinate ids, as in /etc/subuid (subuid(5)).
struct IdRange {
    unsigned long start = 0;
    unsigned long count = 0;
};

/// How ids inside the sandbox map to ids outside: 0 is the user, 1 and up are the user's
/// subordinate ids. As root there is no user namespace and no map.
struct IdMap {
    uid_t user = 0;
    gid_t group = 0;
    IdRange users;
    IdRange groups;
};

/// The largest range (of equals the first) that the text of /etc/subuid or /etc/subgid gives to a
/// user, by name or id.
std::optional<IdRange>
find_range(const std::string& content, const std::string& name, unsigned long id);

/// Nothing for root. Throws Error (code tool) with the command that mends it when the user has
/// fewer than 65536 subordinate ids.
std::optional<IdMap> current_id_map();

/// newuidmap and newgidmap for a process that waits in a new user namespace.
void apply_id_map(const IdMap& map, pid_t process);

} // namespace kiln::sandbox
