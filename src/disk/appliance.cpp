#include "disk/appliance.hpp"

#include "util/error.hpp"
#include "util/text.hpp"

#include <guestfs.h>

#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::disk {
namespace {

constexpr const char* k_hint =
    "is the kernel in /boot readable, and are libguestfs and (for xfs) libguestfs-xfs installed? "
    "see: libguestfs-test-tool";

constexpr std::size_t k_console_lines = 3;
constexpr std::size_t k_console_bytes = 4096;

class Appliance {
public:
    explicit Appliance(const ApplianceRequest& request)
        : request_(request), handle_(guestfs_create_flags(0), guestfs_close) {
        if (!handle_) {
            throw util::Error({.what = "cannot use libguestfs", .code = util::ExitCode::tool});
        }
        guestfs_set_error_handler(get(), nullptr, nullptr); // errors are thrown, not printed
        configure();
        check(guestfs_add_drive_opts(get(),
                                     request.image.c_str(),
                                     GUESTFS_ADD_DRIVE_OPTS_READONLY,
                                     1,
                                     GUESTFS_ADD_DRIVE_OPTS_FORMAT,
                                     request.format.c_str(),
                                     -1),
              "cannot give the image to the appliance");
        launch();
    }

    /// Throws Error when nothing there can be mounted.
    void mount_root() {
        const std::vector<std::string> filesystems = list_filesystems();
        for (const std::string& device : filesystems) {
            if (mount(device)) {
                if (has_os_release() || filesystems.size() == 1) {
                    return;
                }
                check(guestfs_umount_all(get()), "cannot unmount");
            }
        }
        throw util::Error(
            {.what = "the appliance finds no root filesystem in '" + request_.image + "'",
             .hint = last_error_});
    }

    void write_tar(int output) {
        const std::string path = "/dev/fd/" + std::to_string(output);
        check(guestfs_tar_out_opts(get(),
                                   "/",
                                   path.c_str(),
                                   GUESTFS_TAR_OUT_OPTS_NUMERICOWNER,
                                   1,
                                   GUESTFS_TAR_OUT_OPTS_XATTRS,
                                   1,
                                   GUESTFS_TAR_OUT_OPTS_ACLS,
                                   1,
                                   -1),
              "cannot read the filesystem of '" + request_.image + "'");
        check(guestfs_shutdown(get()), "the libguestfs appliance does not end");
    }

private:
    [[nodiscard]] guestfs_h* get() const { return handle_.get(); }

    /// libguestfs itself says no more than that it failed; the console has the reason.
    void launch() {
        guestfs_set_event_callback(get(), append_console, GUESTFS_EVENT_APPLIANCE, 0, &console_);
        if (guestfs_launch(get()) != 0) {
            const std::vector<std::string> lines = util::last_lines(console_, k_console_lines);
            const std::string said =
                lines.empty() ? "" : "; its console: " + util::join(lines, " | ");
            check(-1, "the libguestfs appliance does not start" + said);
        }
    }

    // NOLINTNEXTLINE(readability-function-size): the parameters are what libguestfs gives
    static void append_console(guestfs_h* /*handle*/,
                               void* console,
                               std::uint64_t /*event*/,
                               int /*handler*/,
                               int /*flags*/,
                               const char* text,
                               std::size_t length,
                               const std::uint64_t* /*array*/,
                               std::size_t /*array_length*/) {
        auto& kept = *static_cast<std::string*>(console);
        for (const char letter : std::string_view(text, length)) {
            if (letter == '\n' || (letter >= ' ' && letter <= '~')) {
                kept += letter;
            }
        }
        kept.erase(0, kept.size() - std::min(kept.size(), k_console_bytes));
    }

    void configure() {
        if (std::getenv("LIBGUESTFS_BACKEND") == nullptr) {
            check(guestfs_set_backend(get(), "direct"), "cannot set up libguestfs");
        }
        if (request_.force_tcg) {
            check(guestfs_set_backend_setting(get(), "force_tcg", "1"), "cannot set up libguestfs");
        }
        if (!request_.appliance.empty()) {
            check(guestfs_set_path(get(), request_.appliance.c_str()), "cannot set up libguestfs");
        }
        if (!request_.scratch.empty()) {
            check(guestfs_set_tmpdir(get(), request_.scratch.c_str()), "cannot set up libguestfs");
        }
        if (!request_.cache.empty()) {
            check(guestfs_set_cachedir(get(), request_.cache.c_str()), "cannot set up libguestfs");
        }
        check(guestfs_set_autosync(get(), 0), "cannot set up libguestfs");
        check(guestfs_set_network(get(), 0), "cannot set up libguestfs");
    }

    void check(int result, const std::string& what) const {
        if (result == 0) {
            return;
        }
        const char* why = guestfs_last_error(get());
        throw util::Error({.what = what + ": " + (why == nullptr ? "no reason given" : why),
                           .hint = k_hint,
                           .code = util::ExitCode::tool});
    }

    std::vector<std::string> list_filesystems() {
        char** pairs = guestfs_list_filesystems(get());
        if (pairs == nullptr) {
            check(-1, "cannot list the filesystems of '" + request_.image + "'");
        }
        std::vector<std::string> devices;
        for (char** at = pairs; *at != nullptr; at += 2) {
            const std::string type = at[1];
            if (type != "swap" && type != "unknown" && type != "") {
                devices.emplace_back(at[0]);
            }
            std::free(at[0]);
            std::free(at[1]);
        }
        std::free(pairs);
        return devices;
    }

    bool mount(const std::string& device) {
        if (guestfs_mount_ro(get(), device.c_str(), "/") == 0) {
            return true;
        }
        const char* why = guestfs_last_error(get());
        last_error_ = why == nullptr ? "" : why;
        return false;
    }

    bool has_os_release() {
        return guestfs_exists(get(), "/etc/os-release") == 1 ||
               guestfs_exists(get(), "/usr/lib/os-release") == 1;
    }

    const ApplianceRequest& request_;
    /// Written to as long as there is a handle.
    std::string console_;
    std::unique_ptr<guestfs_h, void (*)(guestfs_h*)> handle_;
    std::string last_error_;
};

std::string variable(const char* name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here sets variables
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// Where root's libguestfs puts its sockets, whatever TMPDIR says. Killed, it would leave them: so
/// they lie in a /tmp that goes with this process. Without the right to mount, or when something
/// that is needed lies in /tmp, they lie there.
void make_own_tmp(const ApplianceRequest& request) {
    for (const std::string& path : {request.image,
                                    request.scratch,
                                    request.appliance,
                                    request.cache,
                                    variable("LIBGUESTFS_PATH"),
                                    variable("LIBGUESTFS_HV"),
                                    variable("LIBGUESTFS_TMPDIR")}) {
        if (path.find("/tmp/") == 0 || path == "/tmp") {
            return;
        }
    }
    if (!request.scratch.empty() && ::unshare(CLONE_NEWNS) == 0 &&
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0) {
        ::mount("kiln", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700,size=1m");
    }
}

} // namespace

void tar_root_filesystem(const ApplianceRequest& request, int output) {
    make_own_tmp(request);
    Appliance appliance(request);
    appliance.mount_root();
    appliance.write_tar(output);
}

} // namespace kiln::disk
