#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace kiln::util {

/// One thing that takes space in the cache.
struct CacheEntry {
    std::string name;
    std::uint64_t bytes = 0;
    /// When it was last used; any unit.
    std::int64_t used = 0;
};

/// Removes the least recently used entries until the rest takes at most `limit` bytes. remove says
/// whether it could (an entry in use stays). Returns the names of those that went.
std::vector<std::string> prune(std::vector<CacheEntry> entries,
                               std::uint64_t limit,
                               const std::function<bool(const CacheEntry&)>& remove);

} // namespace kiln::util
