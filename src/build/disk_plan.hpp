#pragma once

#include "build/context.hpp"
#include "disk/layout.hpp"
#include "element/hook_tree.hpp"
#include "process/command.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace kiln::build {

/// The layout that --block-device-config, else the first element with a block-device-<ARCH>.yaml or
/// block-device-default.yaml asks for; else one file system and no partitions.
disk::Layout choose_layout(const BuildContext& context);

/// All that choose_layout decides by, as text.
std::string layout_inputs(const BuildContext& context);

/// The seed of all UUIDs of the disk: it follows from the element list, the hooks and what the user
/// set, so that the same build gives the same ones, on another machine and from another folder too.
std::string disk_seed(const BuildContext& context, const element::HookTree& tree);

/// What hooks learn about the disk: IMAGE_BLOCK_DEVICE(S), DIB_MOUNTPOINTS, KILN_PARTITION_TABLE,
/// KILN_ROOT_PARTITION, KILN_ROOT_UUID.
process::Environment
disk_variables(const disk::Layout& layout, const std::string& raw, const std::string& seed);

/// Answers of block-device-size hooks: bytes of the last line `IMAGE_SIZE=<GB>`. Throws Error (code
/// hook) for a value that is no size.
std::optional<std::uint64_t> image_size_answer(const std::string& output);

/// Answers of block-device hooks: the path of the last line `IMAGE_BLOCK_DEVICE=<path>`. Throws
/// Error (code hook) when it is a device: kiln writes regular files only.
std::optional<std::string> block_device_answer(const std::string& output);

} // namespace kiln::build
