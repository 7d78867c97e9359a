#include "build/host_checks/gather.hpp"
#include "process/tool_check.hpp"
#include "util/error.hpp"

#include <regex>

namespace kiln::build {
namespace {

struct ToolRow {
    process::ToolRequirement tool;
    bool needed;
    /// What makes it tell its version; empty: it cannot.
    std::string version_option;
    std::string minimum;
};

/// What a build with kiln's own elements and formats calls. Minimum versions: bash for
/// inherit_errexit, mke2fs for -d with sparse files, qemu-img for zstd in qcow2.
std::vector<ToolRow> tool_rows() {
    return {
        {{"bash", "runs hooks", "bash"}, true, "--version", "4.4"},
        {{"mke2fs", "makes file systems", "e2fsprogs"}, true, "-V", "1.45"},
        {{"mkfs.vfat", "makes the EFI system partition", "dosfstools"}, true, "", ""},
        {{"mcopy", "fills the EFI system partition", "mtools"}, true, "--version", "4.0"},
        {{"qemu-img", "reads qcow2, writes vhd, vhdx, vmdk and vdi", "qemu-utils"},
         true,
         "--version",
         "5.1"},
        {{"mmdebstrap", "makes the root of debian-minimal", "mmdebstrap"},
         false,
         "--version",
         "1.0"},
        {{"gpgv", "verifies packages", "gpgv"}, false, "--version", "2.0"},
        {{"mksquashfs", "writes squashfs", "squashfs-tools"}, false, "-version", "4.4"},
        {{"qemu-system-x86_64", "boot tests (kiln test)", "qemu-system-x86"},
         false,
         "--version",
         "5.0"},
        {{"dot", "draws kiln element graph --format svg", "graphviz"}, false, "-V", ""},
        {{"ansible-playbook", "runs playbooks (element ansible)", "ansible-core"}, false, "", ""},
        {{"shellcheck", "finds more in kiln element lint", "shellcheck"}, false, "--version", ""},
    };
}

std::string version_of(const ToolRow& row, process::Runner& runner) {
    if (row.version_option.empty()) {
        return "";
    }
    try {
        const process::Result result = runner.run({.argv = {row.tool.name, row.version_option},
                                                   .environment = process::tool_environment(),
                                                   .timeout = std::chrono::seconds(5)});
        return version_in(result.out + "\n" + result.err);
    } catch (const util::Error&) {
        return "";
    }
}

} // namespace

std::string version_in(const std::string& text) {
    static const std::regex k_version(R"([0-9]+(\.[0-9]+)+)");
    std::smatch match;
    return std::regex_search(text, match, k_version) ? match.str() : "";
}

std::vector<ToolFact> gather_tools(process::Runner& runner) {
    std::vector<ToolFact> facts;
    for (const ToolRow& row : tool_rows()) {
        ToolFact fact = {.tool = row.tool, .needed = row.needed, .minimum = row.minimum};
        if (const auto path = process::find_program(row.tool.name, process::tool_environment())) {
            fact.path = *path;
            fact.version = version_of(row, runner);
        }
        facts.push_back(std::move(fact));
    }
    return facts;
}

} // namespace kiln::build
