#include "cache/tend.hpp"

#include "util/prune.hpp"

namespace kiln::cache {
namespace {

constexpr std::int64_t k_most_depth = 4096;

/// What a layer takes beside its tree: manifest, transcript, folders.
constexpr std::uint64_t k_overhead = std::uint64_t{24} * 1024;

const std::string k_image_prefix = "image ";

/// Seconds, and the depth where those are the same.
std::int64_t use_of(std::int64_t time, std::int64_t depth) {
    return time * k_most_depth + (k_most_depth - 1 - depth);
}

std::vector<util::CacheEntry> entries_of(const LayerStore& layers, const FinishedImages& images) {
    std::vector<util::CacheEntry> entries;
    for (const Layer& layer : layers.layers()) {
        entries.push_back({.name = layer.name,
                           .bytes = layer.digest.bytes + k_overhead,
                           .used = use_of(layers.last_use(layer.name), layer.depth)});
    }
    for (const FinishedImages::Object& object : images.objects()) {
        entries.push_back({.name = k_image_prefix + object.digest,
                           .bytes = object.bytes,
                           .used = use_of(object.used, 0)});
    }
    return entries;
}

} // namespace

Tended tend(const LayerStore& layers, const FinishedImages& images, std::uint64_t limit) {
    layers.sweep();
    Tended tended;
    util::prune(entries_of(layers, images), limit, [&](const util::CacheEntry& entry) {
        const bool is_image = entry.name.compare(0, k_image_prefix.size(), k_image_prefix) == 0;
        const bool gone = is_image ? images.remove_object(entry.name.substr(k_image_prefix.size()))
                                   : layers.remove(entry.name);
        if (gone) {
            tended.bytes += entry.bytes;
            (is_image ? tended.images : tended.layers) += 1;
        }
        return gone;
    });
    images.forget_the_lost();
    return tended;
}

std::uint64_t size_of(const LayerStore& layers, const FinishedImages& images) {
    std::uint64_t total = 0;
    for (const util::CacheEntry& entry : entries_of(layers, images)) {
        total += entry.bytes;
    }
    return total;
}

} // namespace kiln::cache
