#include "disk/identity.hpp"

#include "util/digest.hpp"
#include "util/text.hpp"

#include <charconv>

namespace kiln::disk {
namespace {

Uuid from_hexadecimal(std::string_view digits) {
    Uuid uuid{};
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        const std::string_view pair = digits.substr(2 * i, 2);
        std::from_chars(pair.data(), pair.data() + pair.size(), uuid.at(i), 16);
    }
    return uuid;
}

} // namespace

Uuid derive_uuid(std::string_view seed, std::string_view purpose) {
    const std::string text = std::string(seed) + '\0' + std::string(purpose);
    Uuid uuid = from_hexadecimal(util::sha256(text));
    uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0fU) | 0x40U);
    uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3fU) | 0x80U);
    return uuid;
}

std::uint32_t derive_number(std::string_view seed, std::string_view purpose) {
    const Uuid uuid = derive_uuid(seed, purpose);
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        number = (number << 8U) | uuid.at(i);
    }
    return number == 0 ? 1 : number;
}

std::string to_string(const Uuid& uuid) {
    static constexpr std::string_view k_digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text += '-';
        }
        text += k_digits.at(uuid.at(i) >> 4U);
        text += k_digits.at(uuid.at(i) & 15U);
    }
    return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
    constexpr std::string_view k_shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    constexpr std::string_view k_digits = "0123456789abcdefABCDEF";
    if (text.size() != k_shape.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool fits =
            k_shape[i] == '-' ? text[i] == '-' : k_digits.find(text[i]) != std::string_view::npos;
        if (!fits) {
            return std::nullopt;
        }
    }
    return from_hexadecimal(util::replace_all(std::string(text), "-", ""));
}

std::string filesystem_uuid(std::string_view seed, std::string_view filesystem_name) {
    return to_string(derive_uuid(seed, "filesystem " + std::string(filesystem_name)));
}

Uuid partition_uuid(std::string_view seed, unsigned number) {
    return derive_uuid(seed, "partition " + std::to_string(number));
}

std::string volume_id(std::string_view seed, std::string_view filesystem_name) {
    return filesystem_uuid(seed, filesystem_name).substr(0, 8);
}

} // namespace kiln::disk
