#pragma once

#include "build/context.hpp"
#include "build/layer_cache.hpp"
#include "cache/finished_images.hpp"
#include "cache/key.hpp"
#include "disk/formats.hpp"
#include "report/reporter.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace kiln::build {

/// All that decides the bytes of the images of a tree.
struct ImageInputs {
    /// LayerCache::chain().
    std::string chain;
    std::string seed;
    std::optional<std::uint64_t> image_size{};
};

/// Finished images of earlier builds. Does nothing when there is no key: then nobody knows what is
/// in the tree.
class ImageCache {
public:
    ImageCache(const BuildContext& context,
               const std::optional<ImageInputs>& inputs,
               report::Reporter& reporter);

    enum class Answer { none, in_place, copied };

    /// Whether target holds the image already, or a stored copy of it was made at temporary.
    Answer take(disk::ImageFormat format,
                const std::filesystem::path& target,
                const std::string& temporary);

    /// "hit   qcow2: in place already", "miss  qcow2: not in the cache".
    [[nodiscard]] std::string describe(disk::ImageFormat format,
                                       const std::filesystem::path& target) const;

    /// The size of the stored disk; nothing when no image is stored.
    [[nodiscard]] std::optional<std::uint64_t> disk_size() const;

    /// Stores the image that was written. sha256: its digest where that is known.
    void keep(disk::ImageFormat format,
              const std::filesystem::path& target,
              const std::string& sha256 = {});

    /// Notes what was kept.
    void finish(std::uint64_t disk_size, const LayerCache& layers);

private:
    [[nodiscard]] bool is_complete() const;
    void wait_for_others();
    [[nodiscard]] const cache::StoredFile* stored(disk::ImageFormat format) const;

    const BuildContext& context_;
    report::Reporter& reporter_;
    std::optional<cache::FinishedImages> store_;
    std::string key_;
    std::optional<cache::ImageRecord> known_;
    cache::ImageRecord made_;
    std::optional<util::EntryLock> lock_{};
};

} // namespace kiln::build
