#include "inspect/packages.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

/// Any text has packages or none; what it has is the same as itself.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    const kiln::inspect::Packages packages = kiln::inspect::parse_dpkg_status(text);
    if (!kiln::inspect::diff_packages(packages, packages).empty()) {
        std::abort();
    }
    const kiln::inspect::Packages half = kiln::inspect::parse_dpkg_status(text.substr(size / 2));
    static_cast<void>(kiln::inspect::diff_packages(packages, half));
    return 0;
}
