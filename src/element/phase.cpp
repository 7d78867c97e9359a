#include "element/phase.hpp"

namespace kiln::element {

const std::vector<PhaseInfo>& phases() {
    static const std::vector<PhaseInfo> k_phases = {
        {Phase::root, "root", Side::host},
        {Phase::extra_data, "extra-data", Side::host},
        {Phase::pre_install, "pre-install", Side::chroot},
        {Phase::install, "install", Side::chroot},
        {Phase::post_install, "post-install", Side::chroot},
        {Phase::post_root, "post-root", Side::host},
        {Phase::block_device_size, "block-device-size", Side::host},
        {Phase::block_device, "block-device", Side::host},
        {Phase::pre_finalise, "pre-finalise", Side::host},
        {Phase::finalise, "finalise", Side::chroot},
        {Phase::cleanup, "cleanup", Side::host},
        {Phase::first_boot, "first-boot", Side::guest},
    };
    return k_phases;
}

const PhaseInfo& phase_info(Phase phase) {
    return phases().at(static_cast<std::size_t>(phase));
}

std::string hook_directory(Phase phase) {
    return phase_info(phase).name + ".d";
}

std::optional<Phase> phase_by_name(std::string_view name) {
    for (const PhaseInfo& info : phases()) {
        if (name == info.name || name == info.name + ".d") {
            return info.phase;
        }
    }
    return std::nullopt;
}

} // namespace kiln::element
