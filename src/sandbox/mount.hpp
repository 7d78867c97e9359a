#pragma once

#include "util/fd.hpp"
#include "util/root_dir.hpp"

#include <string>

namespace kiln::sandbox {

enum class Access { read_write, read_only };

/// Mounts in the namespace of the sandbox. All throw Error (code tool) that names the target.

/// A new file system of a kernel type ("proc", "tmpfs", "devpts").
void mount_new(const std::string& type, const std::string& target, const std::string& options = {});

/// Binds source over target, with all mounts below it.
void bind(const std::string& source, const std::string& target, Access access);

/// Unmounts target and what is below it; nothing happens when nothing is mounted there.
void unmount(const std::string& target) noexcept;

/// A path that names what the descriptor has open, for mount(2): no link is followed on the way.
std::string descriptor_path(const util::Fd& fd);

/// The entry of a tree to mount something over, made where missing. A link at the end is not
/// followed: a folder replaces it.
util::Fd mount_point(const util::RootDir& tree, const std::string& path);

/// proc(5) of the current PID namespace, or where the kernel refuses that (masked /proc of a
/// container) the one that is there already.
void mount_proc(const std::string& target);

} // namespace kiln::sandbox
