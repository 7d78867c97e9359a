#pragma once

#include <string>

namespace kiln::disk {

/// The small virtual machine of libguestfs, for filesystems that only a kernel reads.
struct ApplianceRequest {
    std::string image;
    /// As qemu names it; never guessed.
    std::string format = "raw";
    /// /dev/kvm may be there and hang, so who has not tried it says true.
    bool force_tcg = true;
    /// Folder of one that was made before; empty: libguestfs makes it at first use.
    std::string appliance{};
    /// For files that are needed for a moment, and for what libguestfs remembers of qemu; empty:
    /// where libguestfs would put them.
    std::string scratch{};
    std::string cache{};
};

/// Starts the appliance, finds the filesystem of the image that has an os-release (or the only one
/// there is), mounts it read-only, and writes its tree to a descriptor as a tar with numeric
/// owners, extended attributes and ACLs. The image is not changed: a journal is replayed on an
/// overlay. Takes 5 to 30 seconds to start. Throws Error (code tool when it does not start).
///
/// Run it in a ChildProcess: it has no time limit of its own, and libguestfs changes the process.
void tar_root_filesystem(const ApplianceRequest& request, int output);

} // namespace kiln::disk
