#include "chain/admission.hpp"

#include <numeric>

namespace kiln::chain {

std::size_t next_to_start(const std::vector<Demand>& waiting,
                          const std::vector<Demand>& running,
                          Limits limits) {
    if (running.size() >= limits.jobs) {
        return waiting.size();
    }
    const std::uint64_t taken = std::accumulate(
        running.begin(), running.end(), std::uint64_t{0}, [](std::uint64_t sum, const Demand& one) {
            return sum + one.memory;
        });
    for (std::size_t index = 0; index < waiting.size(); ++index) {
        if (running.empty() || taken + waiting[index].memory <= limits.memory) {
            return index;
        }
    }
    return waiting.size();
}

} // namespace kiln::chain
