#pragma once

#include "process/command.hpp"
#include "report/reporter.hpp"
#include "util/tree_entry.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace kiln::base {

enum class ImageKind { automatic, qcow2, raw, squashfs, tar };

/// More than any image of an operating system has; a bomb ends there.
struct UnpackLimits {
    /// Of all files together as they are read, holes included.
    std::uint64_t bytes = std::uint64_t{64} * 1024 * 1024 * 1024;
    std::uint64_t entries = std::uint64_t{10} * 1000 * 1000;
};

/// How filesystems are read. automatic: ext2, ext3 and ext4 in user space, others in the appliance
/// of libguestfs. appliance: all of them there (tests compare the two).
enum class UnpackMethod { automatic, appliance };

/// What runs the appliance. /dev/kvm may be there and hang: kvm only for who has tried it.
enum class ApplianceAccelerator { tcg, kvm };

struct UnpackRequest {
    std::string image;
    /// An existing, empty folder: the root of the new tree.
    std::string target;
    /// automatic goes by the first bytes of the file. A kind that is given is never overruled: what
    /// was called raw is not opened as qcow2 because it looks like one.
    ImageKind kind = ImageKind::automatic;
    UnpackLimits limits{};
    UnpackMethod method = UnpackMethod::automatic;
    /// For what must be made whole on the way (a disk image inside an archive). Empty: beside the
    /// target.
    std::string scratch{};
    /// Asked only when the appliance is needed. Empty: tcg.
    std::function<ApplianceAccelerator()> accelerator{};
    /// Folder of an appliance that was made before (libguestfs-make-fixed-appliance). Empty:
    /// libguestfs makes its own, or kiln does in a user namespace, where libguestfs cannot.
    std::string appliance{};
    /// Where kiln keeps the one that it makes (360 MB). Empty: in the scratch folder, for this
    /// once.
    std::string appliance_cache{};
};

struct UnpackResult {
    /// "ext4 in user space", "tar", "squashfs", "the appliance": for messages.
    std::string how;
    std::uint64_t bytes = 0;
    std::uint64_t entries = 0;
};

/// Unpacks the root filesystem of an image that is not trusted into the target. Ids are those of
/// the image: run inside the user namespace of the build, or as root. Owner, mode, times, extended
/// attributes, hard links and holes are kept; device nodes in /dev are not made, those elsewhere
/// are refused.
///
/// Throws util::Error; the target then holds a part of the tree, which the caller throws away.
/// Nothing beside the target is touched, whatever the image says.
UnpackResult
unpack_image(const UnpackRequest& request, process::Runner& runner, report::Reporter& reporter);

/// Sends the same tree to a sink instead: unchecked names, all attributes, devices too. The target
/// and the limits of files do not count; what lies on the way (disk images) keeps to the limits.
/// Gives how it was read.
std::string read_image(const UnpackRequest& request,
                       util::TreeSink& sink,
                       process::Runner& runner,
                       report::Reporter& reporter);

/// "qcow2", "raw", "squashfs", "tar", "automatic".
std::string kind_name(ImageKind kind);

} // namespace kiln::base
