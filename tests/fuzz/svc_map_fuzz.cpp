#include "element/svc_map.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <string>

/// Any text is parsed, or refused with an Error; every service has a name.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    try {
        for (const auto& entry : kiln::element::parse_svc_map(text, "fuzz")) {
            if (kiln::element::service_name(entry, "debian").empty()) {
                __builtin_trap();
            }
        }
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
    return 0;
}
