#include "process/tools/qemu_img.hpp"

#include "util/text.hpp"

namespace kiln::process {

Command qemu_convert_command(const QemuConvert& options) {
    std::vector<std::string> argv = {"qemu-img", "convert", "-f", "raw", "-O", options.format};
    if (options.compression == QemuCompression::on) {
        argv.emplace_back("-c");
    }
    if (!options.options.empty()) {
        argv.emplace_back("-o");
        argv.push_back(util::join(options.options, ","));
    }
    argv.push_back(options.source);
    argv.push_back(options.target);
    return {.argv = argv, .environment = tool_environment()};
}

Command qemu_raw_copy_command(const std::string& source,
                              const std::string& format,
                              const std::string& target) {
    return {.argv = {"qemu-img", "convert", "-f", format, "-O", "raw", source, target},
            .environment = tool_environment()};
}

} // namespace kiln::process
