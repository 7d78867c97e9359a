#include "element/pkg_map.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <string>

/// Any text is parsed, or refused with an Error; every name of a map can be looked up.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    try {
        const kiln::element::PkgMap map = kiln::element::PkgMap::parse(text, "fuzz");
        std::size_t count = 0;
        for (const auto& row : map.rows()) {
            static_cast<void>(
                map.find(row.name, {.name = row.distribution, .release = row.release}));
            if (++count == 100) { // a look-up reads the whole map
                break;
            }
        }
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
    return 0;
}
