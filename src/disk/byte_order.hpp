#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace kiln::disk {

/// Puts a little-endian number at a place of bytes; throws std::out_of_range beyond their end.
template <typename Number>
void put_number(std::string& bytes, std::size_t at, Number number) {
    static_assert(std::is_unsigned_v<Number>);
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        bytes.at(at + i) = static_cast<char>((std::uint64_t{number} >> (8 * i)) & 0xffU);
    }
}

/// The reverse.
template <typename Number>
Number get_number(std::string_view bytes, std::size_t at) {
    static_assert(std::is_unsigned_v<Number>);
    std::uint64_t number = 0;
    for (std::size_t i = sizeof(Number); i > 0; --i) {
        number = (number << 8U) | static_cast<unsigned char>(bytes.at(at + i - 1));
    }
    return static_cast<Number>(number);
}

/// Adds a number to the end of bytes, its highest byte first.
template <typename Number>
void append_big_endian(std::string& bytes, Number number) {
    static_assert(std::is_unsigned_v<Number>);
    for (std::size_t i = sizeof(Number); i > 0; --i) {
        bytes += static_cast<char>((std::uint64_t{number} >> (8 * (i - 1))) & 0xffU);
    }
}

} // namespace kiln::disk
