#include "disk/sizes.hpp"

#include "util/text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace kiln::disk {
namespace {

struct Unit {
    std::string_view suffix;
    std::uint64_t factor;
};

constexpr std::uint64_t k_kilo = 1000;
constexpr std::uint64_t k_kibi = 1024;

// Longer suffixes first: "MiB" also ends in "B".
constexpr std::array<Unit, 13> k_units = {{{"TiB", k_kibi* k_kibi* k_kibi* k_kibi},
                                           {"GiB", k_kibi* k_kibi* k_kibi},
                                           {"MiB", k_kibi* k_kibi},
                                           {"KiB", k_kibi},
                                           {"TB", k_kilo* k_kilo* k_kilo* k_kilo},
                                           {"GB", k_kilo* k_kilo* k_kilo},
                                           {"MB", k_kilo* k_kilo},
                                           {"KB", k_kilo},
                                           {"T", k_kilo* k_kilo* k_kilo* k_kilo},
                                           {"G", k_kilo* k_kilo* k_kilo},
                                           {"M", k_kilo* k_kilo},
                                           {"K", k_kilo},
                                           {"B", 1}}};

std::uint64_t take_unit(std::string_view& text) {
    for (const Unit& unit : k_units) {
        if (text.ends_with(unit.suffix)) {
            text.remove_suffix(unit.suffix.size());
            return unit.factor;
        }
    }
    return 1;
}

} // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
    std::string_view number = util::trim(text);
    const std::uint64_t factor = take_unit(number);
    number = util::trim(number);
    double value = 0;
    const char* const end = number.data() + number.size();
    const auto [rest, error] = std::from_chars(number.data(), end, value, std::chars_format::fixed);
    const double bytes = std::floor(value * static_cast<double>(factor));
    constexpr double k_limit = 1e18;
    if (error != std::errc() || rest != end || !(bytes >= 0) || bytes > k_limit) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(bytes);
}

} // namespace kiln::disk
