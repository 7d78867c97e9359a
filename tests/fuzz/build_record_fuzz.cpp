#include "catalog/build_record.hpp"

#include <cstdint>
#include <string>

/// Any text is a record or none; a record that was read and written again is the same one.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto record = kiln::catalog::build_record_from_json(std::string(data, data + size));
    if (record) {
        const std::string text = kiln::catalog::to_json(*record);
        const auto again = kiln::catalog::build_record_from_json(text);
        if (record->sha256.size() != 64 || !again || kiln::catalog::to_json(*again) != text) {
            __builtin_trap();
        }
    }
    return 0;
}
