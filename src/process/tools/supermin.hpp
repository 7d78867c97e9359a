#pragma once

#include "process/command.hpp"

#include <string>

namespace kiln::process {

struct SuperminRequest {
    /// Folder of what the appliance is made of (supermin.d of libguestfs).
    std::string source;
    /// New folder for the kernel, the initrd and the root filesystem.
    std::string target;
};

/// Makes the appliance of libguestfs of this host's files, as libguestfs would.
Command supermin_command(const SuperminRequest& request);

} // namespace kiln::process
