#include "disk/appliance.hpp"

#include "util/error.hpp"

#include <guestfs.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kiln::disk {
namespace {

constexpr const char* k_hint =
    "is the kernel in /boot readable, and are libguestfs and (for xfs) libguestfs-xfs installed? "
    "see: libguestfs-test-tool";

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
        check(guestfs_launch(get()), "the libguestfs appliance does not start");
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
    std::unique_ptr<guestfs_h, void (*)(guestfs_h*)> handle_;
    std::string last_error_;
};

} // namespace

void tar_root_filesystem(const ApplianceRequest& request, int output) {
    Appliance appliance(request);
    appliance.mount_root();
    appliance.write_tar(output);
}

} // namespace kiln::disk
