#pragma once

#include "cache/key.hpp"
#include "cache/layer.hpp"
#include "util/entry_lock.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kiln::cache {

/// The layers of earlier builds, in a folder that belongs to one map of user ids:
/// `trees/<name>/root` is the upper folder of an overlay, made there by the build;
/// `trees/<name>/manifest.json`, which appears at once and whole, makes it a stored layer, and
/// `inputs.json` is the transcript of its key; `index/<base key>/<name>` finds it. Nothing is
/// synced: after a boot a layer is read whole, and compared with its digest, before it is used
/// again.
class LayerStore {
public:
    /// Makes the folders where missing. Throws util::Error.
    explicit LayerStore(std::string folder);

    [[nodiscard]] const std::string& folder() const noexcept { return folder_; }

    /// Random text that no other store has, made once.
    [[nodiscard]] std::string salt() const;

    /// The upper folder of a layer, stored or under way.
    [[nodiscard]] std::string root_of(const std::string& name) const;

    /// The manifest of a stored layer: its time is when the layer was last used.
    [[nodiscard]] std::string manifest_of(const std::string& name) const;

    /// Where a build makes its layers: "<this>NUMBER/root".
    [[nodiscard]] std::string prefix_of(const std::string& build) const;

    /// Says that a build is alive, as long as the lock is held: sweep() leaves its layers alone.
    [[nodiscard]] util::EntryLock lock_build(const std::string& build) const;

    /// Only one at a time makes a layer of a key. Waits; on_wait as for util::EntryLock.
    [[nodiscard]] util::EntryLock lock_key(const std::string& base_key,
                                           const std::function<void()>& on_wait) const;

    /// Makes a finished layer known: digests it and writes its manifest. Fills in what follows from
    /// the tree. It is in use from the beginning: see use(). Throws util::Error; then it is
    /// unknown.
    [[nodiscard]] util::EntryLock publish(Layer& layer, const KeyManifest& inputs) const;

    /// The stored layers of a base key, the newest first. Those that cannot be read are left out.
    [[nodiscard]] std::vector<Layer> variants(const std::string& base_key) const;

    /// All stored layers, in no order.
    [[nodiscard]] std::vector<Layer> layers() const;

    /// Names of stored layers whose manifests cannot be read.
    [[nodiscard]] std::vector<std::string> unreadable() const;

    /// The transcript of a layer's key; nothing when it cannot be read.
    [[nodiscard]] std::optional<KeyManifest> inputs_of(const std::string& name) const;

    /// When a layer was last used, in seconds since 1970.
    [[nodiscard]] std::int64_t last_use(const std::string& name) const;

    /// Keeps a layer from being removed while the lock is held, and notes the use. Nothing when it
    /// has just gone.
    [[nodiscard]] std::optional<util::EntryLock> use(const std::string& name) const;

    /// Whether a layer is as it was published: by its stamp where that is enough, else by its
    /// digest, after which the new stamp is noted.
    [[nodiscard]] bool is_intact(const Layer& layer) const;

    /// The same by its digest, always.
    [[nodiscard]] bool has_its_digest(const Layer& layer) const;

    /// Removes a layer, unless it is in use.
    bool remove(const std::string& name) const;

    /// Removes a build's layers that were not stored.
    void remove_unpublished(const std::string& build) const;

    /// Removes what dead builds left.
    void sweep() const;

private:
    void remove_free_locks() const;
    void remove_if_broken(const std::string& name) const;
    void write_manifest(const Layer& layer) const;
    void add_to_index(const Layer& layer) const;
    [[nodiscard]] std::optional<Layer> read(const std::string& name) const;
    [[nodiscard]] bool is_published(const std::string& name) const;
    [[nodiscard]] std::string path_of(const std::string& name) const;

    std::string folder_;
};

/// A name for the caller's map of user and group ids: files of a store mean other owners under
/// another one.
std::string id_map_name();

} // namespace kiln::cache
