#include "check/scratch.hpp"

#include "util/error.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

namespace kiln::check {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_prefix = "kiln-boot-";
constexpr const char* k_lock = "/lock";

/// A sweep of another run may have seen the new folder before it was locked; it then holds the
/// lock, and removes the folder.
util::FileLock lock_folder(const util::TempDir& folder) {
    auto lock = util::FileLock::try_lock(folder.path().string() + k_lock);
    if (!lock) {
        throw util::Error({.what = "another run removed '" + folder.path().string() + "'",
                           .hint = "run it again"});
    }
    return std::move(*lock);
}

/// Of this user, no link, and with a lock: made by a Scratch.
bool is_scratch(const fs::path& path) {
    struct stat status = {};
    return path.filename().string().rfind(k_prefix, 0) == 0 &&
           ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
           status.st_uid == ::geteuid() && ::access((path.string() + k_lock).c_str(), F_OK) == 0;
}

} // namespace

Scratch::Scratch(const std::string& parent)
    : Scratch((sweep_scratch(parent), util::TempDir(parent, k_prefix))) {}

Scratch::Scratch(util::TempDir folder) : folder_(std::move(folder)), lock_(lock_folder(folder_)) {}

int sweep_scratch(const std::string& parent) {
    int removed = 0;
    std::error_code unreadable;
    for (const fs::directory_entry& entry : fs::directory_iterator(parent, unreadable)) {
        if (!is_scratch(entry.path())) {
            continue;
        }
        if (const auto lock = util::FileLock::try_lock(entry.path().string() + k_lock)) {
            std::error_code ignored;
            fs::remove_all(entry.path(), ignored);
            ++removed;
        }
    }
    return removed;
}

} // namespace kiln::check
