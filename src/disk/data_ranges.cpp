#include "disk/data_ranges.hpp"

#include "util/error.hpp"

#include <unistd.h>

#include <cerrno>

namespace kiln::disk {

std::vector<Region> data_ranges(const RawFile& file) {
    std::vector<Region> ranges;
    off_t position = 0;
    while (true) {
        const off_t start = ::lseek(file.fd(), position, SEEK_DATA);
        if (start < 0 && errno == ENXIO) {
            return ranges;
        }
        const off_t end = start < 0 ? -1 : ::lseek(file.fd(), start, SEEK_HOLE);
        if (end < 0) {
            util::throw_errno("cannot read '" + file.path() + "'");
        }
        ranges.push_back({.offset = static_cast<std::uint64_t>(start),
                          .size = static_cast<std::uint64_t>(end - start)});
        position = end;
    }
}

} // namespace kiln::disk
