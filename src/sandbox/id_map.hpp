#pragma once

#include "sandbox/id_range.hpp"

#include <sys/types.h>

#include <optional>
#include <string>

namespace kiln::sandbox {

/// How ids inside the sandbox map to ids outside: 0 is the user, 1 and up are the user's
/// subordinate ids. As root there is no user namespace and no map.
struct IdMap {
    uid_t user = 0;
    gid_t group = 0;
    IdRange users;
    IdRange groups;
};

/// Nothing for root. Throws Error (code tool) with the command that mends it when the user has
/// fewer than 65536 subordinate ids.
std::optional<IdMap> current_id_map();

/// newuidmap and newgidmap for a process that waits in a new user namespace.
void apply_id_map(const IdMap& map, pid_t process);

} // namespace kiln::sandbox
