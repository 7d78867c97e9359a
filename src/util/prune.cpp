#include "util/prune.hpp"

#include <algorithm>
#include <tuple>

namespace kiln::util {

std::vector<std::string> prune(std::vector<CacheEntry> entries,
                               std::uint64_t limit,
                               const std::function<bool(const CacheEntry&)>& remove) {
    std::sort(entries.begin(), entries.end(), [](const CacheEntry& left, const CacheEntry& right) {
        return std::tie(left.used, left.name) < std::tie(right.used, right.name);
    });
    std::uint64_t total = 0;
    for (const CacheEntry& entry : entries) {
        total += entry.bytes;
    }
    std::vector<std::string> removed;
    for (const CacheEntry& entry : entries) {
        if (total > limit && remove(entry)) {
            total -= entry.bytes;
            removed.push_back(entry.name);
        }
    }
    return removed;
}

} // namespace kiln::util
