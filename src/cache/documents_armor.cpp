#include "cache/documents_armor.hpp"

#include "util/text.hpp"

#include <cstdint>

namespace kiln::cache {
namespace {

constexpr std::string_view k_begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
constexpr std::string_view k_end = "-----END PGP PUBLIC KEY BLOCK-----";
constexpr std::string_view k_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 without blanks; padding ends it.
bool decode(std::string_view text, std::string& bytes) {
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        if (c == '=') {
            break;
        }
        const std::size_t value = k_alphabet.find(c);
        if (value == std::string_view::npos) {
            return false;
        }
        bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xffffffU;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> count & 0xffU);
        }
    }
    return true;
}

/// What stands between the two lines of a block: headers, an empty line, data, a checksum that
/// begins with '='. Without any header the empty line may be missing (in deb822 it is easily lost).
bool decode_block(std::string_view block, std::string& bytes) {
    std::string data;
    for (const std::string& line : util::split(block, '\n')) {
        const std::string_view text = util::trim(line);
        if (text.find(": ") != std::string_view::npos || (!text.empty() && text.front() == '=')) {
            continue;
        }
        data += text;
    }
    return !data.empty() && decode(data, bytes);
}

} // namespace

std::optional<std::string> binary_keyring(std::string_view bytes) {
    std::size_t begin = bytes.find(k_begin);
    if (begin == std::string_view::npos) {
        return std::string(bytes);
    }
    std::string keyring;
    while (begin != std::string_view::npos) {
        const std::size_t data = begin + k_begin.size();
        const std::size_t end = bytes.find(k_end, data);
        if (end == std::string_view::npos ||
            !decode_block(bytes.substr(data, end - data), keyring)) {
            return std::nullopt;
        }
        begin = bytes.find(k_begin, end);
    }
    return keyring;
}

} // namespace kiln::cache
