#include "cache/finished_images.hpp"

#include "cache/whole_file.hpp"
#include "disk/checksums.hpp"
#include "disk/raw_copy.hpp"
#include "disk/sizes.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>

namespace kiln::cache {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* k_draft = "draft-";

std::string digest_of(const std::string& path) {
    return disk::compute_checksums(path, {.sha256 = true}).sha256;
}

json to_object(const ImageRecord& record) {
    json files = json::object();
    for (const auto& [name, file] : record.files) {
        files[name] = {{"sha256", file.digest}, {"size", file.size}, {"mode", file.mode}};
    }
    json layers = json::array();
    for (const ImageLayer& layer : record.layers) {
        layers.push_back(
            {{"title", layer.title}, {"element", layer.element}, {"layer", layer.layer}});
    }
    return {{"key", record.key},
            {"files", files},
            {"disk_size", record.disk_size},
            {"created", record.created},
            {"os_distro", record.os_distro},
            {"os_version", record.os_version},
            {"layers", layers},
            {"layer_store", record.layer_store}};
}

ImageRecord image_record_from(const json& object) {
    ImageRecord record;
    record.key = object.at("key").get<std::string>();
    for (const auto& [name, file] : object.at("files").items()) {
        record.files[name] = {.digest = file.at("sha256").get<std::string>(),
                              .size = file.at("size").get<std::uint64_t>(),
                              .mode = file.at("mode").get<unsigned>()};
    }
    record.disk_size = object.at("disk_size").get<std::uint64_t>();
    record.created = object.at("created").get<std::int64_t>();
    record.os_distro = object.value("os_distro", "");
    record.os_version = object.value("os_version", "");
    for (const json& layer : object.at("layers")) {
        record.layers.push_back({.title = layer.at("title").get<std::string>(),
                                 .element = layer.at("element").get<std::string>(),
                                 .layer = layer.at("layer").get<std::string>()});
    }
    record.layer_store = object.at("layer_store").get<std::string>();
    return record;
}

/// What tells one state of a file outside from another.
json state_of(const struct stat& info) {
    return {{"device", info.st_dev},
            {"inode", info.st_ino},
            {"size", info.st_size},
            {"mtime", {info.st_mtim.tv_sec, info.st_mtim.tv_nsec}},
            {"ctime", {info.st_ctim.tv_sec, info.st_ctim.tv_nsec}}};
}

std::optional<struct stat> status_of(const std::string& path) {
    struct stat info = {};
    return ::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) ? std::optional(info)
                                                                      : std::nullopt;
}

json parsed(const std::string& path) {
    try {
        return json::parse(util::read_file(path), nullptr, false);
    } catch (const util::Error&) {
        return {};
    }
}

/// Empty when there is none.
std::string text_of(const json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

void touch(const std::string& path) {
    ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
}

} // namespace

FinishedImages::FinishedImages(std::string folder) : folder_(std::move(folder)) {
    try {
        for (const char* name : {"records", "objects", "outputs", "locks"}) {
            fs::create_directories(fs::path(folder_) / name);
        }
        // Images can hold what not everybody may read.
        fs::permissions(folder_, fs::perms::owner_all);
    } catch (const fs::filesystem_error& error) {
        throw util::Error(
            {.what = "cannot write the cache '" + folder_ + "': " + error.code().message(),
             .hint = "choose another place with --image-cache, or --no-cache"});
    }
}

std::string FinishedImages::object_path(const std::string& digest) const {
    return folder_ + "/objects/" + digest;
}

std::string FinishedImages::record_path(const std::string& key) const {
    return folder_ + "/records/" + key + ".json";
}

std::string FinishedImages::output_path(const std::string& path) const {
    return folder_ + "/outputs/" + util::sha256(path) + ".json";
}

std::optional<ImageRecord> FinishedImages::read(const std::string& key) const {
    try {
        ImageRecord record = image_record_from(parsed(record_path(key)));
        return record.key == key ? std::optional(std::move(record)) : std::nullopt;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

std::optional<ImageRecord> FinishedImages::find(const std::string& key) const {
    std::optional<ImageRecord> record = read(key);
    if (record) {
        touch(record_path(key));
        for (const auto& [name, file] : record->files) {
            touch(object_path(file.digest));
        }
    }
    return record;
}

util::EntryLock FinishedImages::lock_key(const std::string& key,
                                         const std::function<void()>& on_wait) const {
    return util::EntryLock::take(
        folder_ + "/locks/" + key, util::EntryLock::Mode::exclusive, on_wait);
}

std::optional<ImageRecord> FinishedImages::find_by_file(const std::string& digest) const {
    std::optional<ImageRecord> newest;
    for (ImageRecord& record : records()) {
        for (const auto& [name, file] : record.files) {
            if (file.digest == digest && (!newest || record.created >= newest->created)) {
                newest = std::move(record);
                break;
            }
        }
    }
    return newest;
}

void FinishedImages::put(const ImageRecord& record) const {
    ImageRecord whole = record;
    if (const auto known = read(record.key)) {
        whole.files.insert(known->files.begin(), known->files.end());
        whole.created = known->created;
        if (whole.os_distro.empty()) {
            whole.os_distro = known->os_distro;
            whole.os_version = known->os_version;
        }
    }
    if (whole.created == 0) {
        whole.created = std::time(nullptr);
    }
    write_whole_file(record_path(record.key), to_object(whole).dump(1));
}

void FinishedImages::add_object(const std::string& path, const std::string& digest) const {
    const std::string target = object_path(digest);
    if (status_of(target)) {
        touch(target);
        return;
    }
    const util::EntryLock writing = lock_drafts();
    const util::TempDir draft(folder_, k_draft);
    disk::copy_sparse(path, draft.path() / digest);
    fs::rename(draft.path() / digest, target);
}

bool FinishedImages::copy_object(const std::string& digest, const std::string& path) const {
    const std::string source = object_path(digest);
    if (!status_of(source)) {
        return false;
    }
    disk::copy_sparse(source, path);
    if (digest_of(path) == digest) {
        return true;
    }
    ::unlink(path.c_str());
    remove_object(digest);
    return false;
}

void FinishedImages::note_output(const std::string& path, const std::string& digest) const {
    if (const auto info = status_of(path)) {
        const json object = {{"path", path}, {"sha256", digest}, {"state", state_of(*info)}};
        write_whole_file(output_path(path),
                         object.dump(1, ' ', false, json::error_handler_t::replace));
    }
}

bool FinishedImages::is_output(const std::string& path, const std::string& digest) const {
    const auto info = status_of(path);
    const json noted = parsed(output_path(path));
    return info && noted.is_object() && text_of(noted, "sha256") == digest &&
           noted.value("state", json()) == state_of(*info);
}

std::vector<FinishedImages::Object> FinishedImages::objects() const {
    std::vector<Object> found;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_ + "/objects", ignored)) {
        if (const auto info = status_of(entry.path())) {
            found.push_back({.digest = entry.path().filename(),
                             .bytes = static_cast<std::uint64_t>(info->st_blocks) * disk::k_sector,
                             .used = info->st_mtim.tv_sec});
        }
    }
    return found;
}

std::vector<ImageRecord> FinishedImages::records() const {
    std::vector<ImageRecord> found;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_ + "/records", ignored)) {
        if (auto record = read(entry.path().stem())) {
            found.push_back(std::move(*record));
        }
    }
    return found;
}

bool FinishedImages::is_intact(const std::string& digest) const {
    try {
        return digest_of(object_path(digest)) == digest;
    } catch (const util::Error&) {
        return false;
    }
}

bool FinishedImages::remove_object(const std::string& digest) const {
    return ::unlink(object_path(digest).c_str()) == 0;
}

/// A lock that nobody holds is of no use: who wants it makes it anew.
void FinishedImages::remove_free_locks() const {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_ + "/locks", ignored)) {
        if (util::EntryLock::try_take(entry.path(), util::EntryLock::Mode::exclusive)) {
            fs::remove(entry.path(), ignored);
        }
    }
}

/// Shared by those that write drafts.
util::EntryLock FinishedImages::lock_drafts() const {
    return util::EntryLock::take(folder_ + "/writing", util::EntryLock::Mode::shared);
}

/// What writers that were killed have left, as long as nobody else writes.
void FinishedImages::remove_drafts() const {
    const auto lock =
        util::EntryLock::try_take(folder_ + "/writing", util::EntryLock::Mode::exclusive);
    if (!lock) {
        return;
    }
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_, ignored)) {
        if (entry.path().filename().string().starts_with(k_draft)) {
            fs::remove_all(entry.path(), ignored);
        }
    }
}

void FinishedImages::forget_the_lost() const {
    remove_drafts();
    remove_free_locks();
    for (const ImageRecord& record : records()) {
        bool has_files = false;
        for (const auto& [name, file] : record.files) {
            has_files = has_files || status_of(object_path(file.digest));
        }
        if (!has_files) {
            ::unlink(record_path(record.key).c_str());
        }
    }
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_ + "/outputs", ignored)) {
        const json noted = parsed(entry.path());
        if (!is_output(text_of(noted, "path"), text_of(noted, "sha256"))) {
            fs::remove(entry.path(), ignored);
        }
    }
}

} // namespace kiln::cache
