#include "disk/partition_reader.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

/// An image in memory that has a path.
kiln::util::Fd make_image(std::string_view bytes) {
    kiln::util::Fd fd(::memfd_create("fuzz", MFD_CLOEXEC));
    kiln::util::write_all(fd.get(), bytes, "fuzz");
    return fd;
}

} // namespace

/// Any image is refused with an Error, or all its partitions lie within it.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const kiln::util::Fd image = make_image(std::string(data, data + size));
    try {
        const auto raw =
            kiln::disk::RawFile::open_readable("/proc/self/fd/" + std::to_string(image.get()));
        for (const auto& partition : kiln::disk::read_partition_table(raw).partitions) {
            if (partition.offset >= size || partition.size > size - partition.offset) {
                std::abort();
            }
        }
    } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
    }
    return 0;
}
