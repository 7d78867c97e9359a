#pragma once

#include "check/qemu.hpp"
#include "process/command.hpp"

#include <string>

namespace kiln::check {

/// Where the answer of one boot of the host is kept.
struct KvmMemory {
    /// A small file in kiln's state folder.
    std::string file;
    /// /proc/sys/kernel/random/boot_id.
    std::string boot_id;
};

/// KVM where it works, else TCG. /dev/kvm may be there and hang (on some nested hosts), so a
/// machine without a disk is run once, bounded, and the answer kept until the next boot.
Accelerator choose_accelerator(const KvmMemory& memory, process::Runner& runner);

/// The usual memory: state_dir/kvm and the running kernel's boot id.
KvmMemory kvm_memory(const std::string& state_dir);

} // namespace kiln::check
