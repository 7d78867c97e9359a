#include "element/package_installs.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <string>

/// Any text is parsed, or refused with an Error; what was parsed can be evaluated.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    const kiln::process::Environment environment = {
        {"ARCH", "amd64"}, {"DIB_PYTHON_VERSION", "3"}, {"A", "1"}};
    try {
        for (const auto& rule : kiln::element::parse_package_installs(text, "fuzz").rules) {
            static_cast<void>(kiln::element::applies(rule, "element", environment));
        }
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
    return 0;
}
