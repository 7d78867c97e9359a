#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::element {

/// The phases of a build. The hooks of each lie in the folder of its name with ".d" added.
enum class Phase {
    root,
    extra_data,
    pre_install,
    install,
    post_install,
    post_root,
    block_device_size,
    block_device,
    pre_finalise,
    finalise,
    cleanup,
    first_boot
};

/// Where the hooks of a phase run: beside the tree, inside it, or in the booted image.
enum class Side { host, chroot, guest };

struct PhaseInfo {
    Phase phase;
    /// As people write it: "pre-install".
    std::string name;
    Side side;
};

/// All phases in the order in which they run.
const std::vector<PhaseInfo>& phases();

const PhaseInfo& phase_info(Phase phase);

/// The folder of a phase: "pre-install.d".
std::string hook_directory(Phase phase);

/// The phase of a name ("pre-install") or a folder ("pre-install.d").
std::optional<Phase> phase_by_name(std::string_view name);

} // namespace kiln::element
