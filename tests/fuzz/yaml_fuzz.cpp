#include "config/yaml.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <string>

namespace {

void read(const kiln::config::YamlNode& node) {
    static_cast<void>(node.position());
    if (node.is_scalar()) {
        static_cast<void>(node.text());
    } else if (node.is_list()) {
        for (const auto& item : node.items()) {
            read(item);
        }
    } else if (node.is_map()) {
        for (const auto& [key, value] : node.entries()) {
            read(key);
            read(value);
        }
    }
}

} // namespace

/// Any text is parsed, or refused with an Error; what was parsed can be read to the end.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        read(kiln::config::parse_yaml(std::string(data, data + size), "fuzz"));
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
    return 0;
}
