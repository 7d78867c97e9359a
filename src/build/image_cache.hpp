#pragma once

#include "build/context.hpp"
#include "build/layer_cache.hpp"
#include "build/output_record.hpp"
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

    /// The digest of the stored image; empty when there is none.
    [[nodiscard]] std::string digest_of(disk::ImageFormat format) const;

    /// Of what is stored; else those of an image that is made now, as far as they are known.
    [[nodiscard]] ImageFacts facts() const;

    /// Stores the image that was written, whose digest is known.
    void
    keep(disk::ImageFormat format, const std::filesystem::path& target, const std::string& sha256);

    /// Notes what was kept.
    void finish(const ImageFacts& facts, const LayerCache& layers);

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
