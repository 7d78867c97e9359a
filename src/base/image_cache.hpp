#pragma once

#include "base/image_digest.hpp"
#include "report/reporter.hpp"
#include "util/entry_lock.hpp"
#include "util/prune.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace kiln::base {

/// An image that the cache must keep while this lives.
class ImageInUse {
public:
    ImageInUse(std::string path, std::optional<util::EntryLock> lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}

    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
    std::optional<util::EntryLock> lock_;
};

/// Images by their digest, in a folder that many builds use at the same time:
///   images/NAME        the image; NAME is the digest ("sha256-HEX")
///   images/NAME.json   what the file looked like when it was verified, and where it came from;
///                      its time of change is when the image was last used
///   partial/NAME       a download that was not finished, and NAME.note
///   locks/NAME         see util::EntryLock
/// Only what has the digest gets into images/, by rename.
class ImageCache {
public:
    struct Options {
        std::uint64_t limit = 0;
        /// Called about ten times a second while something takes time.
        std::function<void()> on_wait{};
    };

    /// The folder is made when something is put in. The reporter stays the caller's.
    ImageCache(std::filesystem::path folder, Options options, report::Reporter& reporter);

    /// The image if it is here and still what it was; a changed file is checked in full, and
    /// removed when it is wrong.
    [[nodiscard]] std::optional<ImageInUse> find(const ImageDigest& digest);

    /// The same, or else what fetch writes into the file that it is given, where an earlier try may
    /// have left a part. Another build that fetches the same image is waited for. Throws
    /// util::Error (code remote) when the bytes do not have the digest; nothing of them is kept
    /// then.
    ImageInUse get(const ImageDigest& digest,
                   const std::string& origin,
                   const std::function<void(const std::string&)>& fetch);

private:
    std::optional<ImageInUse> use(const std::string& name);
    bool is_valid(const ImageDigest& digest);
    void fetch_verified(const ImageDigest& digest,
                        const std::string& origin,
                        const std::function<void(const std::string&)>& fetch);
    static void fetch_into(const std::string& file,
                           const std::function<void(const std::string&)>& fetch);
    void publish(const ImageDigest& digest, const std::string& part, const std::string& origin);
    void remember(const std::string& name, const std::string& origin);
    void keep_within_limit();
    bool remove_unused(const util::CacheEntry& entry);

    [[nodiscard]] std::string image(const std::string& name) const;
    [[nodiscard]] std::string sidecar(const std::string& name) const;
    [[nodiscard]] std::string part(const std::string& name) const;
    [[nodiscard]] std::string lock(const std::string& name) const;

    std::filesystem::path folder_;
    Options options_;
    report::Reporter& reporter_;
};

} // namespace kiln::base
