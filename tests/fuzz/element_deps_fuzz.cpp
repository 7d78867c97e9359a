#include "element/element_file.hpp"
#include "util/text.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

/// Any text gives names without white space around them, on lines that exist, in order.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    const std::size_t lines = kiln::util::split(text, '\n').size();
    std::size_t last = 0;
    for (const auto& line : kiln::element::parse_name_lines(text)) {
        if (line.name.empty() || kiln::util::trim(line.name) != line.name || line.line <= last ||
            line.line > lines) {
            std::abort();
        }
        last = line.line;
    }
    return 0;
}
