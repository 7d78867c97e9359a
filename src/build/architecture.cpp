#include "build/architecture.hpp"

#include "util/error.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace kiln::build {
namespace {

struct ArchitectureNames {
    std::string_view debian;
    /// As uname(2) and binfmt_misc entries of qemu have it.
    std::string_view machine;
};

constexpr std::array<ArchitectureNames, 8> k_architectures = {{
    {"amd64", "x86_64"},
    {"arm64", "aarch64"},
    {"armhf", "arm"},
    {"i386", "i386"},
    {"ppc64el", "ppc64le"},
    {"riscv64", "riscv64"},
    {"s390x", "s390x"},
    {"mips64el", "mips64el"},
}};

std::string machine_of(const std::string& architecture) {
    for (const ArchitectureNames& names : k_architectures) {
        if (architecture == names.debian) {
            return std::string(names.machine);
        }
    }
    return architecture;
}

bool runs_natively(const std::string& architecture) {
    utsname names = {};
    ::uname(&names);
    const std::string own = debian_architecture(static_cast<const char*>(names.machine));
    return architecture == own || (own == "amd64" && architecture == "i386");
}

} // namespace

std::string debian_architecture(const std::string& machine) {
    for (const ArchitectureNames& names : k_architectures) {
        if (machine == names.machine) {
            return std::string(names.debian);
        }
    }
    return machine;
}

std::string glance_architecture(const std::string& architecture) {
    // Nova tells variants of these two apart (nova/objects/fields.py).
    if (architecture == "armhf") {
        return "armv7l";
    }
    return architecture == "i386" ? "i686" : machine_of(architecture);
}

void require_runnable(const std::string& architecture) {
    const std::string entry = "/proc/sys/fs/binfmt_misc/qemu-" + machine_of(architecture);
    if (!runs_natively(architecture) && ::access(entry.c_str(), F_OK) != 0) {
        throw util::Error(
            {.what = "programs for the architecture '" + architecture + "' do not run here",
             .hint = "let qemu run them: sudo apt-get install --no-install-recommends "
                     "qemu-user-static binfmt-support   (or build on such a machine)",
             .code = util::ExitCode::tool});
    }
}

} // namespace kiln::build
