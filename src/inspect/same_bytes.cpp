#include "inspect/same_bytes.hpp"

#include "disk/data_ranges.hpp"
#include "disk/raw_file.hpp"

#include <algorithm>
#include <vector>

namespace kiln::inspect {
namespace {

using disk::RawFile;
using disk::Region;

constexpr std::uint64_t k_compared_chunk = std::uint64_t{1024} * 1024;

/// Offsets in order, without overlaps.
std::vector<Region> joined(std::vector<Region> ranges) {
    std::sort(ranges.begin(), ranges.end(), [](const Region& left, const Region& right) {
        return left.offset < right.offset;
    });
    std::vector<Region> result;
    for (const Region& range : ranges) {
        if (result.empty() || range.offset > result.back().offset + result.back().size) {
            result.push_back(range);
        } else {
            const std::uint64_t end =
                std::max(result.back().offset + result.back().size, range.offset + range.size);
            result.back().size = end - result.back().offset;
        }
    }
    return result;
}

std::optional<std::uint64_t>
difference_in(const RawFile& a, const RawFile& b, std::uint64_t offset, std::uint64_t length) {
    const std::string left = a.read(offset, static_cast<std::size_t>(length));
    const std::string right = b.read(offset, static_cast<std::size_t>(length));
    if (left == right) {
        return std::nullopt;
    }
    const auto [at, ignored] = std::mismatch(left.begin(), left.end(), right.begin());
    return offset + static_cast<std::uint64_t>(at - left.begin());
}

} // namespace

std::optional<std::uint64_t>
first_difference(const std::string& a, const std::string& b, const std::function<void()>& on_wait) {
    const RawFile left = RawFile::open_readable(a);
    const RawFile right = RawFile::open_readable(b);
    const std::uint64_t end = std::min(left.size(), right.size());
    std::vector<Region> ranges = disk::data_ranges(left);
    const std::vector<Region> others = disk::data_ranges(right);
    ranges.insert(ranges.end(), others.begin(), others.end());
    for (const Region& range : joined(std::move(ranges))) {
        const std::uint64_t stop = std::min(end, range.offset + range.size);
        for (std::uint64_t at = range.offset; at < stop; at += k_compared_chunk) {
            if (on_wait) {
                on_wait();
            }
            const auto found =
                difference_in(left, right, at, std::min(k_compared_chunk, stop - at));
            if (found) {
                return found;
            }
        }
    }
    return left.size() == right.size() ? std::nullopt : std::optional(end);
}

} // namespace kiln::inspect
