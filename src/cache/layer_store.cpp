#include "cache/layer_store.hpp"

#include "cache/whole_file.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/root_dir.hpp"
#include "util/temp_dir.hpp"
#include "util/text.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>

namespace kiln::cache {
namespace {

namespace fs = std::filesystem;
using util::EntryLock;

constexpr const char* k_manifest = "/manifest.json";
constexpr const char* k_inputs = "/inputs.json";
constexpr const char* k_use = "/use";
constexpr std::string_view k_lock_suffix = ".lock";

std::string boot_id() {
    return std::string(util::trim(util::read_file("/proc/sys/kernel/random/boot_id")));
}

std::string random_text() {
    std::array<char, 32> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        util::throw_errno("the kernel gives no random bytes");
    }
    return util::sha256({bytes.data(), bytes.size()});
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
        names.push_back(entry.path().filename());
    }
    return names;
}

void make_private(const fs::path& folder) {
    if (fs::create_directories(folder)) {
        fs::permissions(folder, fs::perms::owner_all);
    }
}

bool ends_after(const std::string& text, std::string_view suffix) {
    return text.size() > suffix.size() &&
           text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

} // namespace

std::string id_map_name() {
    return util::sha256(util::read_file("/proc/self/uid_map") +
                        util::read_file("/proc/self/gid_map"))
        .substr(0, 12);
}

LayerStore::LayerStore(std::string folder) : folder_(std::move(folder)) {
    try {
        // Trees have set-uid programs.
        make_private(folder_);
        for (const char* name : {"trees", "index", "locks"}) {
            fs::create_directories(fs::path(folder_) / name);
        }
    } catch (const fs::filesystem_error& error) {
        throw util::Error(
            {.what = "cannot write the cache '" + folder_ + "': " + error.code().message(),
             .hint = "choose another place with --image-cache, or --no-cache"});
    }
}

std::string LayerStore::salt() const {
    const std::string path = folder_ + "/salt";
    if (::access(path.c_str(), F_OK) != 0) {
        const util::TempDir folder(folder_, "salt-");
        const std::string draft = folder.path() / "salt";
        write_whole_file(draft, random_text());
        // Another build may have been faster: its salt stays.
        [[maybe_unused]] const int status = ::link(draft.c_str(), path.c_str());
    }
    return util::read_file(path);
}

std::string LayerStore::path_of(const std::string& name) const {
    return folder_ + "/trees/" + name;
}

std::string LayerStore::root_of(const std::string& name) const {
    return path_of(name) + "/root";
}

std::string LayerStore::manifest_of(const std::string& name) const {
    return path_of(name) + k_manifest;
}

std::string LayerStore::prefix_of(const std::string& build) const {
    return path_of(build) + ".";
}

EntryLock LayerStore::lock_build(const std::string& build) const {
    return EntryLock::take(path_of(build) + std::string(k_lock_suffix), EntryLock::Mode::exclusive);
}

EntryLock LayerStore::lock_key(const std::string& base_key,
                               const std::function<void()>& on_wait) const {
    return EntryLock::take(folder_ + "/locks/" + base_key, EntryLock::Mode::exclusive, on_wait);
}

EntryLock LayerStore::publish(Layer& layer, const KeyManifest& inputs) const {
    const std::string root = root_of(layer.name);
    std::error_code error;
    fs::create_directories(root, error);
    if (error) {
        throw util::Error({.what = "cannot make '" + root + "': " + error.message()});
    }
    EntryLock lock = EntryLock::take(path_of(layer.name) + k_use, EntryLock::Mode::shared);
    layer.digest = digest_tree(root, layer.began);
    layer.stamp = stamp_tree(root);
    layer.boot = boot_id();
    layer.created = std::time(nullptr);
    write_whole_file(path_of(layer.name) + k_inputs, inputs.to_json());
    add_to_index(layer);
    // From now on it is a layer.
    write_manifest(layer);
    return lock;
}

/// Who removes the last layer of a key removes its folder too.
void LayerStore::add_to_index(const Layer& layer) const {
    constexpr int k_tries = 10;
    const fs::path index = fs::path(folder_) / "index" / layer.base_key;
    for (int attempt = 1;; ++attempt) {
        try {
            std::error_code ignored;
            fs::create_directories(index, ignored);
            util::open_file(index / layer.name, O_WRONLY | O_CREAT, 0600);
            return;
        } catch (const util::Error&) {
            if (attempt == k_tries) {
                throw;
            }
        }
    }
}

void LayerStore::write_manifest(const Layer& layer) const {
    write_whole_file(manifest_of(layer.name), to_json(layer));
}

std::optional<Layer> LayerStore::read(const std::string& name) const {
    try {
        Layer layer = layer_from_json(util::read_file(manifest_of(name)));
        return layer.name == name ? std::optional(std::move(layer)) : std::nullopt;
    } catch (const util::Error&) {
        return std::nullopt;
    }
}

bool LayerStore::is_published(const std::string& name) const {
    return ::access(manifest_of(name).c_str(), F_OK) == 0;
}

std::vector<Layer> LayerStore::variants(const std::string& base_key) const {
    std::vector<Layer> found;
    for (const std::string& name : names_in(folder_ + "/index/" + base_key)) {
        auto layer = read(name);
        if (layer && layer->base_key == base_key) {
            found.push_back(std::move(*layer));
        }
    }
    std::sort(found.begin(), found.end(), [](const Layer& a, const Layer& b) {
        return a.created != b.created ? a.created > b.created : a.name > b.name;
    });
    return found;
}

std::vector<Layer> LayerStore::layers() const {
    std::vector<Layer> found;
    for (const std::string& name : names_in(folder_ + "/trees")) {
        if (auto layer = read(name)) {
            found.push_back(std::move(*layer));
        }
    }
    return found;
}

std::vector<std::string> LayerStore::unreadable() const {
    std::vector<std::string> found;
    for (const std::string& name : names_in(folder_ + "/trees")) {
        if (is_published(name) && !read(name)) {
            found.push_back(name);
        }
    }
    return found;
}

std::optional<KeyManifest> LayerStore::inputs_of(const std::string& name) const {
    try {
        return KeyManifest::from_json(util::read_file(path_of(name) + k_inputs));
    } catch (const util::Error&) {
        return std::nullopt;
    }
}

std::int64_t LayerStore::last_use(const std::string& name) const {
    struct stat info = {};
    return ::stat(manifest_of(name).c_str(), &info) == 0 ? info.st_mtim.tv_sec : 0;
}

std::optional<EntryLock> LayerStore::use(const std::string& name) const {
    try {
        EntryLock lock = EntryLock::take(path_of(name) + k_use, EntryLock::Mode::shared);
        const std::string manifest = manifest_of(name);
        if (::utimensat(AT_FDCWD, manifest.c_str(), nullptr, 0) != 0) {
            return std::nullopt;
        }
        return lock;
    } catch (const util::Error&) {
        return std::nullopt;
    }
}

bool LayerStore::is_intact(const Layer& layer) const {
    try {
        const std::string stamp = stamp_tree(root_of(layer.name));
        const std::string boot = boot_id();
        if (stamp == layer.stamp && boot == layer.boot) {
            return true;
        }
        if (!has_its_digest(layer)) {
            return false;
        }
        Layer noted = layer;
        noted.stamp = stamp;
        noted.boot = boot;
        write_manifest(noted);
        return true;
    } catch (const util::Error&) {
        return false;
    }
}

bool LayerStore::has_its_digest(const Layer& layer) const {
    try {
        return digest_tree(root_of(layer.name), layer.began).content == layer.digest.content;
    } catch (const util::Error&) {
        return false;
    }
}

bool LayerStore::remove(const std::string& name) const {
    std::optional<EntryLock> lock;
    try {
        lock = EntryLock::try_take(path_of(name) + k_use, EntryLock::Mode::exclusive);
    } catch (const util::Error&) {
        // Another may just have removed it.
        return ::access(path_of(name).c_str(), F_OK) != 0;
    }
    if (!lock) {
        return false;
    }
    if (const auto layer = read(name)) {
        std::error_code ignored;
        fs::remove(fs::path(folder_) / "index" / layer->base_key / name, ignored);
        fs::remove(fs::path(folder_) / "index" / layer->base_key, ignored);
    }
    // First of all it stops being a layer.
    ::unlink(manifest_of(name).c_str());
    util::RootDir(folder_ + "/trees").remove(name);
    return true;
}

void LayerStore::remove_unpublished(const std::string& build) const {
    const util::RootDir trees(folder_ + "/trees");
    const std::string prefix = build + ".";
    for (const std::string& name : names_in(folder_ + "/trees")) {
        const bool is_ours = name.compare(0, prefix.size(), prefix) == 0;
        if (is_ours && !ends_after(name, k_lock_suffix) && !is_published(name)) {
            trees.remove(name);
        }
    }
}

/// What a power cut has left of a manifest.
void LayerStore::remove_if_broken(const std::string& name) const {
    const std::string build = name.substr(0, name.rfind('.'));
    const bool has_owner =
        ::access((path_of(build) + std::string(k_lock_suffix)).c_str(), F_OK) == 0;
    if (!has_owner && !read(name)) {
        remove(name);
    }
}

/// A key's lock that nobody holds is of no use: who wants it makes it anew.
void LayerStore::remove_free_locks() const {
    for (const std::string& name : names_in(folder_ + "/locks")) {
        const std::string path = folder_ + "/locks/" + name;
        if (const auto lock = EntryLock::try_take(path, EntryLock::Mode::exclusive)) {
            ::unlink(path.c_str());
        }
    }
}

void LayerStore::sweep() const {
    remove_free_locks();
    for (const std::string& name : names_in(folder_ + "/trees")) {
        if (!ends_after(name, k_lock_suffix)) {
            remove_if_broken(name);
            continue;
        }
        const std::string path = path_of(name);
        if (const auto lock = EntryLock::try_take(path, EntryLock::Mode::exclusive)) {
            remove_unpublished(name.substr(0, name.size() - k_lock_suffix.size()));
            ::unlink(path.c_str());
        }
    }
}

} // namespace kiln::cache
