#include "store/uuid.hpp"

#include "util/error.hpp"

#include <sys/random.h>

#include <array>
#include <string_view>

namespace kiln::store {
namespace {

constexpr std::size_t k_bytes = 16;

bool is_dash_place(std::size_t place) {
    return place == 8 || place == 13 || place == 18 || place == 23;
}

} // namespace

std::string new_uuid() {
    std::array<unsigned char, k_bytes> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        util::throw_errno("the kernel gives no random bytes");
    }
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | 0x40U);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);
    constexpr std::string_view k_digits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) {
        if (is_dash_place(text.size())) {
            text.push_back('-');
        }
        text.push_back(k_digits[byte >> 4U]);
        text.push_back(k_digits[byte & 0x0fU]);
    }
    return text;
}

} // namespace kiln::store
