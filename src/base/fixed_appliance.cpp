#include "base/fixed_appliance.hpp"

#include "disk/appliance_files.hpp"
#include "disk/tool_failure.hpp"
#include "process/tool_check.hpp"
#include "process/tools/supermin.hpp"
#include "util/atomic_file.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/temp_dir.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace kiln::base {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_format = "kiln-appliance-1\n";
constexpr const char* k_lock = "lock";
constexpr std::size_t k_name_length = 16;

/// Name, size and time of change of what a path names; links are followed.
std::string mark(const fs::path& path) {
    struct stat status {};

    if (::stat(path.c_str(), &status) != 0) {
        return path.string() + " absent\n";
    }
    return path.string() + " " + std::to_string(status.st_size) + " " +
           std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec) +
           "\n";
}

std::vector<fs::path> entries_of(const fs::path& folder) {
    std::vector<fs::path> entries;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none)) {
        entries.push_back(entry.path());
    }
    std::sort(entries.begin(), entries.end());
    return entries;
}

/// By what supermin picks and copies: kernels, their modules, and the files of installed packages.
std::string name_for(const std::string& source) {
    return util::sha256(k_format +
                        look_of({source, "/boot", "/lib/modules", "/var/lib/dpkg/status"}))
        .substr(0, k_name_length);
}

void sync_file(const fs::path& path) {
    const util::Fd file = util::open_file(path, O_RDONLY);
    if (::fsync(file.get()) != 0) {
        util::throw_errno("cannot write '" + path.string() + "'");
    }
}

/// Older ones, and what an interrupted kiln left. Under the exclusive lock nobody uses them.
void remove_others(const fs::path& folder) {
    for (const fs::path& entry : entries_of(folder)) {
        if (entry.filename() != k_lock) {
            fs::remove_all(entry);
        }
    }
}

void run_supermin(const FixedAppliance::Place& place,
                  const fs::path& target,
                  process::Runner& runner) {
    process::require_tools({{.name = "supermin",
                             .purpose = "to read filesystems such as xfs and btrfs",
                             .package = "supermin"}},
                           process::tool_environment());
    const process::Command command =
        process::supermin_command({.source = place.source, .target = target});
    try {
        disk::run_writer(runner, command, target);
    } catch (const util::Error& error) {
        util::ErrorInfo info = error.info();
        if (info.code == util::ExitCode::tool) {
            info.hint = "is there a kernel in /boot that this user can read? see: kiln doctor";
        }
        throw util::Error(info);
    }
}

void make(const FixedAppliance::Place& place, const fs::path& target, process::Runner& runner) {
    remove_others(place.folder);
    const util::TempDir draft(place.folder, "new-");
    const fs::path appliance = draft.path() / "appliance";
    run_supermin(place, appliance, runner);
    disk::give_all_to_root(appliance / "root");
    sync_file(appliance / "kernel");
    sync_file(appliance / "initrd");
    util::write_file_atomically(appliance / "README.fixed",
                                "Made by kiln for libguestfs; may be removed.\n");
    fs::rename(appliance, target);
    util::sync_directory(place.folder);
}

} // namespace

FixedAppliance
FixedAppliance::obtain(const Place& place, process::Runner& runner, report::Reporter& reporter) {
    fs::create_directories(place.folder);
    const std::string lock_path = place.folder / k_lock;
    const fs::path target = place.folder / name_for(place.source);
    while (true) {
        {
            util::EntryLock shared =
                util::EntryLock::take(lock_path, util::EntryLock::Mode::shared);
            if (fs::exists(target)) {
                return {std::move(shared), target.string()};
            }
        }
        const util::EntryLock exclusive =
            util::EntryLock::take(lock_path, util::EntryLock::Mode::exclusive);
        if (!fs::exists(target)) {
            reporter.info("making the libguestfs appliance for this host (once)");
            make(place, target, runner);
        }
    }
}

std::string look_of(const std::vector<std::string>& paths) {
    std::string look;
    for (const std::string& path : paths) {
        look += mark(path);
        for (const fs::path& entry : entries_of(path)) {
            look += mark(entry);
        }
    }
    return look;
}

} // namespace kiln::base
