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

} // namespace kiln::process
