#include "inspect/disk_format.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <string>

/// Any file has a format, or is refused with an Error. A vmdk that is taken names no parent.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(data, data + size);
    const kiln::util::Fd file(::memfd_create("fuzz", MFD_CLOEXEC));
    kiln::util::write_all(file.get(), bytes, "fuzz");
    try {
        const auto format =
            kiln::inspect::file_format("/proc/self/fd/" + std::to_string(file.get()));
        const std::size_t hint = bytes.find("parentFileNameHint");
        if (format.name == "vmdk" && hint >= 512 && hint < std::size_t{21} * 512 - 18) {
            std::abort();
        }
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
    return 0;
}
