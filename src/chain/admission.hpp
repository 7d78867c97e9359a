#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kiln::chain {

/// What images may take together.
struct Limits {
    std::size_t jobs = 1;
    /// MiB.
    std::uint64_t memory = 0;
};

struct Demand {
    std::string name;
    std::uint64_t memory = 0;
};

/// The index of the next of the waiting images that fits beside the running ones, or their count.
/// In their order, but a smaller one may go first; one that takes more than all runs alone.
std::size_t next_to_start(const std::vector<Demand>& waiting,
                          const std::vector<Demand>& running,
                          Limits limits);

} // namespace kiln::chain
