#include "base/image_cache.hpp"

#include "base/file_mark.hpp"
#include "net/client.hpp"
#include "util/atomic_file.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <system_error>

namespace kiln::base {
namespace {

namespace fs = std::filesystem;

constexpr int k_most_tries = 10;

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        throw util::Error({.what = "cannot make '" + folder.string() + "': " + error.message(),
                           .hint = "choose another cache: DIB_IMAGE_CACHE=FOLDER"});
    }
}

std::optional<FileMark> read_mark(const std::string& path) {
    return mark_of(path) ? mark_from_json(util::read_file(path)) : std::nullopt;
}

/// The time of change of the sidecar tells when its image was used.
void touch(const std::string& path) {
    // A cache that cannot be written is used all the same.
    static_cast<void>(::utimensat(AT_FDCWD, path.c_str(), nullptr, 0));
}

void remove_file(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        util::throw_errno("cannot remove '" + path + "'");
    }
}

/// What lies in a folder, added up by the digest that the names begin with.
void add_entries(const fs::path& folder, std::map<std::string, util::CacheEntry>& entries) {
    std::error_code unreadable;
    for (const fs::directory_entry& file : fs::directory_iterator(folder, unreadable)) {
        const std::string name = file.path().stem().string();
        const auto mark = mark_of(file.path().string());
        if (mark && digest_from_name(name)) {
            util::CacheEntry& entry = entries[name];
            entry.name = name;
            entry.bytes += mark->size;
            entry.used = std::max(entry.used, mark->modified);
        }
    }
}

} // namespace

ImageCache::ImageCache(fs::path folder, Options options, report::Reporter& reporter)
    : folder_(std::move(folder)), options_(std::move(options)), reporter_(reporter) {}

std::optional<ImageInUse> ImageCache::find(const ImageDigest& digest) {
    const std::string name = digest_name(digest);
    if (!mark_of(image(name))) {
        return std::nullopt;
    }
    make_folder(folder_ / "locks");
    if (auto in_use = use(name)) {
        return in_use;
    }
    {
        const util::EntryLock alone =
            util::EntryLock::take(lock(name), util::EntryLock::Mode::exclusive, options_.on_wait);
        if (!is_valid(digest)) {
            return std::nullopt;
        }
    }
    return use(name);
}

ImageInUse ImageCache::get(const ImageDigest& digest,
                           const std::string& origin,
                           const std::function<void(const std::string&)>& fetch) {
    const std::string name = digest_name(digest);
    for (const char* part_of_cache : {"images", "partial", "locks"}) {
        make_folder(folder_ / part_of_cache);
    }
    // Between two locks a prune of another build may come; then all begins again.
    for (int tries = 0; tries < k_most_tries; ++tries) {
        if (auto in_use = use(name)) {
            return std::move(*in_use);
        }
        auto alone = util::EntryLock::try_take(lock(name), util::EntryLock::Mode::exclusive);
        if (!alone) {
            reporter_.info("waiting for another build that fetches '" + origin + "'");
            alone = util::EntryLock::take(
                lock(name), util::EntryLock::Mode::exclusive, options_.on_wait);
        }
        if (!is_valid(digest)) {
            fetch_verified(digest, origin, fetch);
            keep_within_limit();
        }
    }
    throw util::Error({.what = "'" + image(name) + "' does not stay as it was written",
                       .hint = "choose another cache: DIB_IMAGE_CACHE=FOLDER"});
}

/// The image with a shared lock, if it looks as it did when it was verified.
std::optional<ImageInUse> ImageCache::use(const std::string& name) {
    const auto known = read_mark(sidecar(name));
    if (!known) {
        return std::nullopt;
    }
    util::EntryLock shared =
        util::EntryLock::take(lock(name), util::EntryLock::Mode::shared, options_.on_wait);
    const auto now = mark_of(image(name));
    if (!now || !now->same_file(*known)) {
        return std::nullopt;
    }
    touch(sidecar(name));
    return ImageInUse(image(name), std::move(shared));
}

/// With the exclusive lock held: checks a file whose looks have changed, or removes it.
bool ImageCache::is_valid(const ImageDigest& digest) {
    const std::string name = digest_name(digest);
    const auto now = mark_of(image(name));
    if (!now) {
        return false;
    }
    const auto known = read_mark(sidecar(name));
    if (known && known->same_file(*now)) {
        return true;
    }
    if (digest_of_file(image(name), digest.kind, options_.on_wait) == digest) {
        remember(name, known ? known->origin : "");
        return true;
    }
    reporter_.warn("'" + image(name) + "' was damaged in the cache; it is removed");
    remove_file(image(name));
    remove_file(sidecar(name));
    return false;
}

void ImageCache::fetch_verified(const ImageDigest& digest,
                                const std::string& origin,
                                const std::function<void(const std::string&)>& fetch) {
    const std::string file = part(digest_name(digest));
    const bool had_part = mark_of(file).value_or(FileMark{}).size > 0;
    fetch_into(file, fetch);
    ImageDigest found = digest_of_file(file, digest.kind, options_.on_wait);
    if (found != digest && had_part) {
        reporter_.warn("the part of '" + origin + "' that was here did not belong to it");
        net::remove_download(file);
        fetch_into(file, fetch);
        found = digest_of_file(file, digest.kind, options_.on_wait);
    }
    if (found != digest) {
        net::remove_download(file);
        throw util::Error({.what = "'" + origin + "' does not have the checksum that it should: " +
                                   digest_name(found) + " instead of " + digest_name(digest),
                           .hint = "try again later; if that does not help, ask who serves it",
                           .code = util::ExitCode::remote});
    }
    publish(digest, file, origin);
}

/// A part is kept for another try, but not where there was no room for it.
void ImageCache::fetch_into(const std::string& file,
                            const std::function<void(const std::string&)>& fetch) {
    try {
        fetch(file);
    } catch (const util::Error& error) {
        util::ErrorInfo info = error.info();
        if (info.code == util::ExitCode::failed) {
            net::remove_download(file);
            info.hint = "free some space, or choose another cache: DIB_IMAGE_CACHE=FOLDER";
        }
        throw util::Error(info);
    }
}

void ImageCache::publish(const ImageDigest& digest,
                         const std::string& part,
                         const std::string& origin) {
    const std::string name = digest_name(digest);
    if (::rename(part.c_str(), image(name).c_str()) != 0) {
        util::throw_errno("cannot put '" + origin + "' into the cache");
    }
    util::sync_directory((folder_ / "images").string());
    remember(name, origin);
    net::remove_download(part);
}

void ImageCache::remember(const std::string& name, const std::string& origin) {
    FileMark mark = mark_of(image(name)).value_or(FileMark{});
    mark.origin = origin;
    util::write_file_atomically(sidecar(name), to_json(mark));
}

void ImageCache::keep_within_limit() {
    std::map<std::string, util::CacheEntry> entries;
    add_entries(folder_ / "images", entries);
    add_entries(folder_ / "partial", entries);
    std::vector<util::CacheEntry> list;
    list.reserve(entries.size());
    for (const auto& [name, entry] : entries) {
        list.push_back(entry);
    }
    const auto removed =
        util::prune(std::move(list), options_.limit, [this](const util::CacheEntry& entry) {
            return remove_unused(entry);
        });
    if (!removed.empty()) {
        reporter_.info("removed " + std::to_string(removed.size()) +
                       " base images from the cache, to stay within " +
                       util::human_bytes(options_.limit));
    }
}

bool ImageCache::remove_unused(const util::CacheEntry& entry) {
    const auto alone =
        util::EntryLock::try_take(lock(entry.name), util::EntryLock::Mode::exclusive);
    if (!alone) {
        return false;
    }
    remove_file(sidecar(entry.name));
    remove_file(image(entry.name));
    net::remove_download(part(entry.name));
    remove_file(lock(entry.name));
    return true;
}

std::string ImageCache::image(const std::string& name) const {
    return (folder_ / "images" / name).string();
}

std::string ImageCache::sidecar(const std::string& name) const {
    return image(name) + ".json";
}

std::string ImageCache::part(const std::string& name) const {
    return (folder_ / "partial" / name).string();
}

std::string ImageCache::lock(const std::string& name) const {
    return (folder_ / "locks" / name).string();
}

} // namespace kiln::base
