#pragma once

#include "sandbox/id_map.hpp"
#include "sandbox/session.hpp"
#include "util/file_lock.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kiln::build {

/// The folder of one build, `<parent>/<id>`, and its lock `<parent>/<id>.lock`. The lock is held by
/// this process and, being inherited, by the sandbox, so that a sweep waits for both to be gone.
class BuildDirectory {
public:
    /// Throws Error when the parent cannot be written. A parent made here is closed to other users:
    /// trees below it have set-uid programs.
    BuildDirectory(const std::filesystem::path& parent, const std::string& id);

    BuildDirectory(const BuildDirectory&) = delete;
    BuildDirectory& operator=(const BuildDirectory&) = delete;
    BuildDirectory(BuildDirectory&&) = delete;
    BuildDirectory& operator=(BuildDirectory&&) = delete;
    /// Takes an empty folder along (no sandbox could be made); else remove_build or a sweep does.
    ~BuildDirectory();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    [[nodiscard]] const std::string& id() const noexcept { return id_; }

private:
    std::string id_;
    std::filesystem::path path_;
    std::optional<util::FileLock> lock_;
};

/// Removes one build's folder, the temporary outputs its journal names, and its lock. Files of
/// subordinate ids need the user namespace, so a session does it. False when the time was over
/// before, or no session could be made: the folder then waits for the next sweep.
/// `also` runs there too, afterwards.
bool remove_build(const std::filesystem::path& directory,
                  const std::optional<sandbox::IdMap>& id_map,
                  std::chrono::milliseconds limit,
                  const std::function<void()>& also = {});

/// Removes what dead builds left below a folder, in a session of its own beside the build, which it
/// does not hold up.
class Sweep {
public:
    Sweep(const std::filesystem::path& parent, const std::optional<sandbox::IdMap>& id_map);
    Sweep(const Sweep&) = delete;
    Sweep& operator=(const Sweep&) = delete;
    Sweep(Sweep&&) = delete;
    Sweep& operator=(Sweep&&) = delete;
    /// Ends it, finished or not: the next one goes on.
    ~Sweep() = default;

    /// Waits for its end, but not longer than limit.
    void wait(std::chrono::milliseconds limit);

private:
    std::vector<util::FileLock> locks_;
    std::optional<sandbox::Session> session_;
};

} // namespace kiln::build
