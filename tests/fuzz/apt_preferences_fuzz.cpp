#include "element/apt_preferences.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <string>

/// Any manifest is turned into preferences, or refused with an Error.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        static_cast<void>(kiln::element::apt_preferences(std::string(data, data + size), "fuzz"));
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
    return 0;
}
