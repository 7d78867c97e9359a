#include "disk/gpt_format.hpp"

#include <array>

namespace kiln::disk {
namespace {

constexpr std::array<std::size_t, 16> k_disk_order = {
    3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value & 1U) != 0 ? (value >> 1U) ^ 0xedb88320U : value >> 1U;
        }
        table.at(byte) = value;
    }
    return table;
}

constexpr std::array<std::uint32_t, 256> k_table = make_table();

} // namespace

std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t value = 0xffffffffU;
    for (const char byte : bytes) {
        value = k_table.at((value ^ static_cast<unsigned char>(byte)) & 0xffU) ^ (value >> 8U);
    }
    return ~value;
}

std::string to_disk_order(const Uuid& uuid) {
    std::string bytes;
    for (const std::size_t index : k_disk_order) {
        bytes += static_cast<char>(uuid.at(index));
    }
    return bytes;
}

Uuid from_disk_order(std::string_view bytes) {
    Uuid uuid{};
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        uuid.at(k_disk_order.at(i)) = static_cast<std::uint8_t>(bytes.at(i));
    }
    return uuid;
}

} // namespace kiln::disk
