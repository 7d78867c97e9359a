#include "disk/qcow2_header.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

/// Any header is refused with an Error, or its table lies in the file and covers the disk.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(data, data + size);
    const std::uint64_t file_size = size < 4096 ? 1048576 : size;
    try {
        const auto header = kiln::disk::read_qcow2_header(bytes, file_size, "fuzz");
        const std::uint64_t length = header.first_table_entries * 8;
        if (header.first_table_offset >= file_size ||
            length > file_size - header.first_table_offset) {
            std::abort();
        }
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
    return 0;
}
