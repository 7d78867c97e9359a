#pragma once

#include <cstdint>

namespace kiln::disk {

/// An ext4 inode has the lower 32 bits of a time, and two more in its extra field.
inline std::int64_t ext4_full_time(std::uint32_t seconds, std::uint32_t extra) {
    const auto low = static_cast<std::int32_t>(seconds);
    return std::int64_t{low} + (std::int64_t{extra & 3U} << 32);
}

/// Those two bits, without nanoseconds.
inline std::uint32_t ext4_extra_bits(std::int64_t time) {
    const auto low = static_cast<std::int32_t>(static_cast<std::uint32_t>(time));
    return static_cast<std::uint32_t>((time - low) >> 32) & 3U;
}

} // namespace kiln::disk
