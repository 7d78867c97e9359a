#pragma once

#include <functional>
#include <string>

namespace kiln::catalog {

/// Who uploads an image, as its property kiln_uploader says: "MACHINE-PID-START", where MACHINE is
/// a digest (of the machine's and the boot's ids and the PID namespace: nothing of it can be read
/// back), START the start time of the process in clock ticks since boot.
std::string this_uploader();

enum class UploaderState {
    /// It is this process, or one that runs on this machine.
    alive,
    /// It ran on this machine, and ended.
    ended,
    /// Another machine's.
    unknown
};

UploaderState state_of_uploader(const std::string& uploader);

} // namespace kiln::catalog
