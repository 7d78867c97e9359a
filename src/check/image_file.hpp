#pragma once

#include "process/command.hpp"

#include <string>

namespace kiln::check {

/// The format of an image as qemu-img names it, told by its first bytes: "qcow2" or "raw".
/// Throws Error (code test) for a qcow2 that refers to other files: reading it would read them,
/// and OpenStack refuses it.
std::string detect_format(const std::string& image);

/// Makes a sparse raw copy of the image; the format is never guessed by qemu-img.
process::Command
raw_copy_command(const std::string& image, const std::string& format, const std::string& target);

} // namespace kiln::check
