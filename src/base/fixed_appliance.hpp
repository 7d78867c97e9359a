#pragma once

#include "process/command.hpp"
#include "report/reporter.hpp"
#include "util/entry_lock.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::base {

/// An appliance for libguestfs that is made whole before it is started ("fixed"), for where
/// libguestfs cannot make its own: in a user namespace, where the host's root seems to be nobody.
/// Kept in a folder, at most one, and made anew when the host has changed. It is not replaced while
/// a guard of it lives.
class FixedAppliance {
public:
    struct Place {
        /// Made where it is not; nothing else may be in it.
        std::filesystem::path folder;
        /// supermin.d of libguestfs.
        std::string source;
    };

    /// Takes some seconds where it must be made. Throws Error (code tool).
    static FixedAppliance
    obtain(const Place& place, process::Runner& runner, report::Reporter& reporter);

    /// For LIBGUESTFS_PATH.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    FixedAppliance(util::EntryLock lock, std::string path)
        : lock_(std::move(lock)), path_(std::move(path)) {}

    util::EntryLock lock_;
    std::string path_;
};

/// Changes when one of the files, or an entry of one of the folders, is another or was written to.
std::string look_of(const std::vector<std::string>& paths);

} // namespace kiln::base
