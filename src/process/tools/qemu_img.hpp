#pragma once

#include "process/command.hpp"

#include <string>
#include <vector>

namespace kiln::process {

enum class QemuCompression { off, on };

/// qemu-img convert from a raw file. Never with -W: its order of writing differs from run to run.
struct QemuConvert {
    std::string source;
    std::string target;
    /// As qemu-img names it.
    std::string format = "qcow2";
    QemuCompression compression = QemuCompression::on;
    /// "key=value" for -o; of two with the same key the last wins.
    std::vector<std::string> options;
};

Command qemu_convert_command(const QemuConvert& options);

/// A sparse raw copy of an image whose format is told, never guessed. source and target must be
/// absolute: qemu-img would take "nbd:..." and the like for an address.
Command qemu_raw_copy_command(const std::string& source,
                              const std::string& format,
                              const std::string& target);

} // namespace kiln::process
