#pragma once

#include "util/entry_lock.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kiln::cache {

/// A file of a finished image: the image in one format, or what stands beside it.
struct StoredFile {
    /// SHA-256 of the content, which is where it lies in the store.
    std::string digest;
    std::uint64_t size = 0;
    /// The lower nine bits.
    unsigned mode = 0644;
};

/// The hook that a layer of an image is of.
struct ImageLayer {
    std::string title;
    std::string element;
    /// In the store of layers; empty for what is made anew each time.
    std::string layer;
};

/// What is known of a finished image.
struct ImageRecord {
    std::string key;
    /// By what decides their bytes beside the key: "qcow2 zstd".
    std::map<std::string, StoredFile> files{};
    /// In bytes; 0 without a disk.
    std::uint64_t disk_size = 0;
    /// Seconds since 1970.
    std::int64_t created = 0;
    /// ID and VERSION_ID of the os-release of the tree.
    std::string os_distro{};
    std::string os_version{};
    /// Lowest first, in the store of this folder.
    std::vector<ImageLayer> layers{};
    std::string layer_store{};
};

/// Finished images in a folder: `records/<key>.json`, the files of all by their digests in
/// `objects/`, and `outputs/` with what is known of files outside. Objects are not synced: each is
/// read and compared with its digest whenever it is handed out.
class FinishedImages {
public:
    /// Makes the folders where missing. Throws util::Error.
    explicit FinishedImages(std::string folder);

    /// What is known under a key, and a note of its use.
    [[nodiscard]] std::optional<ImageRecord> find(const std::string& key) const;

    /// Only one at a time makes the images of a key. Waits; on_wait as for util::EntryLock.
    [[nodiscard]] util::EntryLock lock_key(const std::string& key,
                                           const std::function<void()>& on_wait) const;

    /// The newest image one of whose files has this digest.
    [[nodiscard]] std::optional<ImageRecord> find_by_file(const std::string& digest) const;

    /// Adds the files of a record to those that are known under its key. One that is new and does
    /// not say when it was created was so now; later ones do not change that.
    void put(const ImageRecord& record) const;

    /// Copies a file into the store.
    void add_object(const std::string& path, const std::string& digest) const;

    /// Makes a file of the stored content. False when it is not there, or was damaged: then it is
    /// no longer there.
    bool copy_object(const std::string& digest, const std::string& path) const;

    /// Remembers that a file outside holds this content.
    void note_output(const std::string& path, const std::string& digest) const;

    /// Whether a file outside holds this content, as far as its inode, size and times tell.
    [[nodiscard]] bool is_output(const std::string& path, const std::string& digest) const;

    struct Object {
        std::string digest;
        /// On the disk.
        std::uint64_t bytes = 0;
        /// Seconds since 1970.
        std::int64_t used = 0;
    };

    [[nodiscard]] std::vector<Object> objects() const;
    [[nodiscard]] std::vector<ImageRecord> records() const;

    /// Whether an object has its digest.
    [[nodiscard]] bool is_intact(const std::string& digest) const;
    bool remove_object(const std::string& digest) const;

    /// Forgets images none of whose files are left, and outputs that are gone or hold other
    /// content; removes what killed builds have left half written.
    void forget_the_lost() const;

private:
    void remove_free_locks() const;
    [[nodiscard]] std::string object_path(const std::string& digest) const;
    [[nodiscard]] std::string record_path(const std::string& key) const;
    [[nodiscard]] std::string output_path(const std::string& path) const;
    [[nodiscard]] std::optional<ImageRecord> read(const std::string& key) const;
    [[nodiscard]] util::EntryLock lock_drafts() const;
    void remove_drafts() const;

    std::string folder_;
};

} // namespace kiln::cache
