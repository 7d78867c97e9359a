#include "cache/documents.hpp"

#include "cache/documents_armor.hpp"
#include "util/atomic_file.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

namespace kiln::cache {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* k_list_folder = "lists";
constexpr const char* k_verified = "verified";
constexpr const char* k_keyrings = "keyrings";

bool is_hex(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::optional<std::string> read_regular(const std::string& path) {
    struct stat info = {};
    if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return std::nullopt;
    }
    try {
        return util::read_file(path);
    } catch (const util::Error&) { // another kiln may have removed it
        return std::nullopt;
    }
}

void touch(const std::string& path, std::int64_t seconds) {
    const timespec time = {.tv_sec = static_cast<time_t>(seconds), .tv_nsec = 0};
    const timespec times[2] = {time, time}; // NOLINT: as utimensat takes them
    // A cache that cannot be written is used all the same.
    static_cast<void>(::utimensat(AT_FDCWD, path.c_str(), times, 0));
}

/// A line with the digest of the rest, and the rest.
std::string with_digest(std::string_view content) {
    return util::sha256(content).append("\n").append(content);
}

std::optional<std::string> without_digest(const std::optional<std::string>& file) {
    const std::size_t end = file ? file->find('\n') : std::string::npos;
    if (end == std::string::npos) {
        return std::nullopt;
    }
    std::string content = file->substr(end + 1);
    if (util::sha256(content) != std::string_view(*file).substr(0, end)) {
        return std::nullopt;
    }
    return content;
}

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        throw util::Error({.what = "cannot make '" + folder.string() + "': " + error.message()});
    }
}

/// Removes the files of a folder that were used longest ago, when there are too many.
void keep_newest(const fs::path& folder, std::size_t most) {
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
        files.emplace_back(entry.last_write_time(ignored), entry.path());
    }
    if (files.size() <= most) {
        return;
    }
    std::sort(files.begin(), files.end());
    files.resize(files.size() - most);
    for (const auto& [time, path] : files) {
        fs::remove(path, ignored);
    }
}

json json_of(const KeptDocument& list) {
    return {{"etag", list.validators.etag},
            {"last_modified", list.validators.last_modified},
            {"since", list.since}};
}

} // namespace

std::optional<KeptDocument> Documents::find_list(const std::string& url) const {
    const auto content = without_digest(read_regular(list_file(url)));
    const std::size_t end = content ? content->find('\n') : std::string::npos;
    if (end == std::string::npos) {
        return std::nullopt;
    }
    try {
        const json head = json::parse(content->substr(0, end));
        return KeptDocument{
            .validators = {.etag = head.at("etag").get<std::string>(),
                           .last_modified = head.at("last_modified").get<std::string>()},
            .body = content->substr(end + 1),
            .since = head.at("since").get<std::int64_t>()};
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

void Documents::put_list(const std::string& url, const KeptDocument& list) const {
    const std::string head = json_of(list).dump(-1, ' ', true, json::error_handler_t::replace);
    put(k_list_folder, util::sha256(url), head + "\n" + list.body);
}

std::optional<std::int64_t> Documents::list_checked(const std::string& url,
                                                    std::int64_t now) const {
    struct stat info = {};
    if (::stat(list_file(url).c_str(), &info) != 0 || info.st_mtim.tv_sec > now) {
        return std::nullopt;
    }
    return info.st_mtim.tv_sec;
}

void Documents::remove_list(const std::string& url) const {
    std::error_code ignored;
    fs::remove(list_file(url), ignored);
}

void Documents::mark_list_checked(const std::string& url, std::int64_t now) const {
    touch(list_file(url), now);
}

std::optional<std::string> Documents::find_verified(const std::string& name) const {
    return without_digest(read_regular(file(k_verified, name)));
}

void Documents::put_verified(const std::string& name, std::string_view text) const {
    put(k_verified, name, text);
}

std::optional<std::string> Documents::put_keyring(std::string_view bytes) const {
    const std::optional<std::string> keyring = binary_keyring(bytes);
    if (!keyring || keyring->empty()) {
        return std::nullopt;
    }
    const std::string address = util::sha256(*keyring);
    if (!keyring_file(address)) {
        make_folder(folder_ / k_keyrings);
        util::write_file_atomically(file(k_keyrings, address), *keyring);
        keep_newest(folder_ / k_keyrings, most_);
    }
    return address;
}

std::optional<std::string> Documents::keyring_file(const std::string& address) const {
    const std::string path = file(k_keyrings, address);
    const auto content = is_hex(address) ? read_regular(path) : std::nullopt;
    if (!content || util::sha256(*content) != address) {
        return std::nullopt;
    }
    ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
    return path;
}

std::string Documents::list_file(const std::string& url) const {
    return file(k_list_folder, util::sha256(url));
}

std::string Documents::file(const char* kind, const std::string& name) const {
    return (folder_ / kind / name).string();
}

void Documents::put(const char* kind, const std::string& name, std::string_view content) const {
    make_folder(folder_ / kind);
    util::write_file_atomically(file(kind, name), with_digest(content));
    keep_newest(folder_ / kind, most_);
}

} // namespace kiln::cache
