#include "build/build_directory.hpp"

#include "util/error.hpp"
#include "util/root_dir.hpp"
#include "util/text.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

namespace kiln::build {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view k_lock_suffix = ".lock";

/// A sweep may have unlinked the file between our open and our lock.
bool is_still_there(const util::FileLock& lock) {
    struct stat info = {};
    return ::fstat(lock.fd(), &info) == 0 && info.st_nlink > 0;
}

fs::path lock_path(const fs::path& directory) {
    return directory.string() + std::string(k_lock_suffix);
}

/// Only names that kiln gives to temporary outputs are ever removed.
void remove_temporary_outputs(const fs::path& journal) {
    std::error_code ignored;
    if (!fs::exists(journal, ignored)) {
        return;
    }
    for (const std::string& line : util::split(util::read_file(journal), '\n')) {
        const fs::path path = line;
        if (path.filename().string().find(".kiln-") != std::string::npos) {
            fs::remove(path, ignored);
        }
    }
}

int remove_tree(const fs::path& directory) {
    try {
        remove_temporary_outputs(directory / "outputs");
        const util::RootDir parent(directory.parent_path());
        parent.remove(directory.filename().string());
        return 0;
    } catch (const std::exception&) {
        return 1;
    }
}

void make_parent(const fs::path& parent) {
    std::error_code error;
    if (fs::create_directories(parent, error)) {
        fs::permissions(parent, fs::perms::owner_all, error);
    }
    if (error || ::access(parent.c_str(), W_OK | X_OK) != 0) {
        throw util::Error(
            {.what = "the work folder '" + parent.string() + "' cannot be written: " +
                     (error ? error.message() : std::generic_category().message(errno)),
             .hint = "choose another place with --work-dir"});
    }
}

/// Nothing for a lock that another user's build has left.
std::optional<util::FileLock> try_lock_of_dead(const fs::path& path) {
    try {
        std::optional<util::FileLock> lock = util::FileLock::try_lock(path);
        return lock && is_still_there(*lock) ? std::move(lock) : std::nullopt;
    } catch (const util::Error&) {
        return std::nullopt;
    }
}

bool ends_within(sandbox::Session& session, milliseconds limit) {
    const auto deadline = steady_clock::now() + limit;
    while (!session.poll()) {
        if (steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(milliseconds(5));
    }
    return true;
}

} // namespace

BuildDirectory::BuildDirectory(const fs::path& parent, const std::string& id) {
    make_parent(parent);
    for (int attempt = 0; !lock_; ++attempt) {
        id_ = attempt == 0 ? id : id + "-" + std::to_string(attempt);
        path_ = parent / id_;
        lock_ = util::FileLock::try_lock(lock_path(path_));
        if (lock_ && (!is_still_there(*lock_) || !fs::create_directory(path_))) {
            lock_.reset();
        }
    }
    // Hooks see it, whatever the caller's umask.
    fs::permissions(path_, fs::perms(0755));
}

BuildDirectory::~BuildDirectory() {
    if (::rmdir(path_.c_str()) == 0) {
        ::unlink(lock_path(path_).c_str());
    }
}

bool remove_build(const fs::path& directory,
                  const std::optional<sandbox::IdMap>& id_map,
                  milliseconds limit,
                  const std::function<void()>& also) {
    try {
        sandbox::Session session({.id_map = id_map}, [&] {
            const int status = remove_tree(directory);
            if (also) {
                also();
            }
            return status;
        });
        if (!ends_within(session, limit) || session.wait() != 0) {
            return false;
        }
    } catch (const util::Error&) {
        return false;
    }
    ::unlink(lock_path(directory).c_str());
    return true;
}

Sweep::Sweep(const fs::path& parent, const std::optional<sandbox::IdMap>& id_map) {
    std::vector<fs::path> directories;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(parent, ignored)) {
        if (entry.path().extension() != k_lock_suffix) {
            continue;
        }
        if (std::optional<util::FileLock> lock = try_lock_of_dead(entry.path())) {
            locks_.push_back(std::move(*lock));
            directories.push_back(parent / entry.path().stem());
        }
    }
    if (!directories.empty()) {
        session_.emplace(sandbox::SessionOptions{.id_map = id_map}, [&] {
            int failures = 0;
            for (const fs::path& directory : directories) {
                failures +=
                    remove_tree(directory) == 0 ? ::unlink(lock_path(directory).c_str()) : 1;
            }
            return failures == 0 ? 0 : 1;
        });
    }
}

void Sweep::wait(milliseconds limit) {
    if (session_) {
        ends_within(*session_, limit);
    }
}

} // namespace kiln::build
