#pragma once

#include "store/image.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kiln::store {

/// The data of an image on its way into a store.
struct ImageData {
    std::uint64_t size = 0;
    /// Fills the buffer and says with how much; 0 only at the end. May throw.
    std::function<std::size_t(char* buffer, std::size_t capacity)> read;
    /// Starts over.
    std::function<void()> rewind;
};

/// What became of a removal.
enum class Removal { removed, absent, is_protected, in_use };

/// Keeps images. Rules, the same for all: an image is made without data (queued) and gets its data
/// once; it is active when all of it is there, and has no data at all when the upload broke (queued
/// again, or stuck in saving or importing where the service died). Names need not be unique. Not
/// for several threads at once. Failures are StoreError (store_error.hpp).
class ImageStore {
public:
    ImageStore() = default;
    ImageStore(const ImageStore&) = delete;
    ImageStore& operator=(const ImageStore&) = delete;
    ImageStore(ImageStore&&) = delete;
    ImageStore& operator=(ImageStore&&) = delete;
    virtual ~ImageStore() = default;

    /// For people: "cloud 'prod', region 'RegionOne'", "folder '/srv/images'".
    [[nodiscard]] virtual std::string describe() const = 0;

    /// The project that images made here belong to; empty when there is none.
    virtual std::string owner() = 0;

    /// Whether a public image would probably be refused (the token has no role that usually may).
    virtual bool may_publicize() = 0;

    /// All that match, the newest first.
    virtual std::vector<Image> list(const ImageFilter& filter) = 0;

    /// Nothing when there is none.
    virtual std::optional<Image> find(const std::string& id) = 0;

    /// Made once, also when the answer to the request was lost.
    virtual Image create(const NewImage& image) = 0;

    /// From queued to active; returns what the store knows then, its own digest included. When it
    /// throws, the image has no data.
    virtual Image upload(const std::string& id, const ImageData& data) = 0;

    /// All or nothing. Returns the image afterwards.
    virtual Image update(const std::string& id, const ImageChange& change) = 0;

    /// active to deactivated: known, but its data is not handed out. Done already is no error.
    virtual void deactivate(const std::string& id) = 0;
    virtual void reactivate(const std::string& id) = 0;

    virtual Removal remove(const std::string& id) = 0;

    /// Into a file, resumed where an earlier try left it, and compared with the store's digest
    /// before it gets its name. progress gets bytes done and all.
    virtual void download(const std::string& id,
                          const std::string& path,
                          const std::function<void(std::uint64_t, std::uint64_t)>& progress) = 0;
};

} // namespace kiln::store
