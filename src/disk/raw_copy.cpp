#include "disk/raw_copy.hpp"

#include "disk/data_ranges.hpp"
#include "disk/raw_file.hpp"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace kiln::disk {
namespace {

constexpr std::uint64_t k_copy_chunk = std::uint64_t{1024} * 1024;

void copy_by_hand(const RawFile& from, const RawFile& to, Region range) {
    while (range.size > 0) {
        const std::uint64_t length = std::min(k_copy_chunk, range.size);
        to.write({.offset = range.offset,
                  .bytes = from.read(range.offset, static_cast<std::size_t>(length))});
        range.offset += length;
        range.size -= length;
    }
}

void copy_range(const RawFile& from, const RawFile& to, Region range) {
    while (range.size > 0) {
        auto here = static_cast<off64_t>(range.offset);
        off64_t there = here;
        const ssize_t count = ::copy_file_range(from.fd(), &here, to.fd(), &there, range.size, 0);
        if (count < 0 && (errno == ENOSPC || errno == EDQUOT)) {
            throw_write_error(to.path());
        }
        if (count <= 0) {
            // Other filesystems, or a kernel that cannot: bytes through memory always work.
            copy_by_hand(from, to, range);
            return;
        }
        range.offset += static_cast<std::uint64_t>(count);
        range.size -= static_cast<std::uint64_t>(count);
    }
}

} // namespace

void copy_sparse(const std::string& source, const std::string& target) {
    const RawFile from = RawFile::open_readable(source);
    const RawFile to = RawFile::create(target, 0);
    if (::ioctl(to.fd(), FICLONE, from.fd()) == 0) {
        return;
    }
    if (::ftruncate(to.fd(), static_cast<off_t>(from.size())) != 0) {
        throw_write_error(target);
    }
    for (const Region& range : data_ranges(from)) {
        copy_range(from, to, range);
    }
}

} // namespace kiln::disk
