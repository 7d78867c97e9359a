#include "archive/data_map.hpp"

#include "util/error.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace kiln::archive {
namespace {

constexpr std::uint64_t k_block = std::uint64_t{64} * 1024;

/// Smaller files are not worth the look.
constexpr std::uint64_t k_least_size = std::uint64_t{1024} * 1024;

/// Where the next data of a file begins, by what its file system knows: all from `from` to there
/// is a hole. The end of the file when there is none.
std::uint64_t next_data(int fd, std::uint64_t from, std::uint64_t size) {
    const off_t place = ::lseek(fd, static_cast<off_t>(from), SEEK_DATA);
    if (place < 0) {
        return errno == ENXIO ? size : from;
    }
    return std::min(static_cast<std::uint64_t>(place), size);
}

bool is_zero(const std::vector<char>& block, std::size_t length) {
    return block[0] == 0 && std::memcmp(block.data(), block.data() + 1, length - 1) == 0;
}

std::size_t read_block(int fd, std::uint64_t at, std::vector<char>& block) {
    ssize_t count = -1;
    do {
        count = ::pread(fd, block.data(), block.size(), static_cast<off_t>(at));
    } while (count < 0 && errno == EINTR);
    return count < 0 ? 0 : static_cast<std::size_t>(count);
}

void add(std::vector<Range>& ranges, const Range& range) {
    if (!ranges.empty() && ranges.back().offset + ranges.back().size == range.offset) {
        ranges.back().size += range.size;
    } else {
        ranges.push_back(range);
    }
}

} // namespace

std::vector<Range> data_map(int fd, std::uint64_t size, const std::string& name) {
    std::vector<Range> ranges;
    if (size < k_least_size) {
        return ranges;
    }
    std::vector<char> block(k_block);
    for (std::uint64_t at = 0; at < size; at += k_block) {
        at = std::max(at, next_data(fd, at, size) / k_block * k_block);
        if (at >= size) {
            break;
        }
        const std::size_t count = read_block(fd, at, block);
        if (count != std::min(k_block, size - at)) {
            util::throw_errno("cannot read '" + name + "'");
        }
        if (!is_zero(block, count)) {
            add(ranges, {.offset = at, .size = count});
        }
    }
    const bool dense = ranges.size() == 1 && ranges[0].size == size;
    if (dense) {
        return {};
    }
    return ranges.empty() ? std::vector<Range>{{.offset = 0, .size = 0}} : ranges;
}

} // namespace kiln::archive
