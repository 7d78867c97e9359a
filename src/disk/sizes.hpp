#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kiln::disk {

constexpr std::uint64_t k_sector = 512;
constexpr std::uint64_t k_mebibyte = std::uint64_t{1024} * 1024;

/// "154MiB", "2.5GB", "198", "512B": bytes. TiB GiB MiB KiB are powers of 1024; TB GB MB KB T G M K
/// powers of 1000, as diskimage-builder has them; a number alone is bytes. Nothing for other text.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// value rounded up or down to a multiple of unit.
constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
    return (value + unit - 1) / unit * unit;
}

constexpr std::uint64_t round_down(std::uint64_t value, std::uint64_t unit) {
    return value / unit * unit;
}

} // namespace kiln::disk
