#pragma once

#include "cache/finished_images.hpp"
#include "cache/layer_store.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kiln::cache {

/// What tending a cache came to.
struct Tended {
    std::size_t layers = 0;
    std::size_t images = 0;
    /// What they took on the disk, in bytes.
    std::uint64_t bytes = 0;
};

/// Removes what dead builds have left, then the least recently used layers and images until the
/// rest takes at most `limit` bytes. What is in use stays. Of one build, the upper layers go first:
/// without the lower ones they would be worth nothing.
Tended tend(const LayerStore& layers, const FinishedImages& images, std::uint64_t limit);

/// What all of it takes, in bytes.
std::uint64_t size_of(const LayerStore& layers, const FinishedImages& images);

} // namespace kiln::cache
