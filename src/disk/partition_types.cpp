#include "disk/partition_types.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace kiln::disk {
namespace {

struct GptType {
    std::string_view code;
    std::string_view guid;
};

// Codes: sgdisk -L. GUIDs: UEFI specification 2.10 and the UAPI Discoverable Partitions
// Specification.
constexpr std::array<GptType, 14> k_gpt_types = {
    {{"0700", "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"},
     {"4100", "9e1a2d38-c612-4316-aa26-8b49521e5a8b"},
     {"8200", "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f"},
     {"8300", "0fc63daf-8483-4772-8e79-3d69d8477de4"},
     {"8302", "933ac7e1-2eb4-4f13-b844-0e14e2aef915"},
     {"8303", "44479540-f297-41b2-9af7-d131d5f0458a"},
     {"8304", "4f68bce3-e8cd-4db1-96e7-fbcaf984b709"},
     {"8305", "b921b045-1df0-41c3-af44-4c6f280d3fae"},
     {"8306", "3b8f8425-20e0-4f3b-907f-1a25a76f98e8"},
     {"8E00", "e6d6d379-f507-44c2-a23c-238f2a3df928"},
     {"EA00", "bc13c2ff-59e6-4262-a352-b275fd6f7172"},
     {"EF00", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"},
     {"EF02", "21686148-6449-6e6f-744e-656564454649"},
     {"FD00", "a19d880f-05fc-4d3b-a006-743f0f84911e"}}};

} // namespace

std::optional<Uuid> gpt_type(const std::string& type) {
    for (const GptType& known : k_gpt_types) {
        if (known.code == type) {
            return parse_uuid(known.guid);
        }
    }
    return parse_uuid(type);
}

std::optional<std::uint8_t> msdos_type(const std::string& type) {
    std::uint8_t value = 0;
    const char* const end = type.data() + type.size();
    const auto [rest, error] = std::from_chars(type.data(), end, value, 16);
    const bool whole = error == std::errc() && rest == end && type.size() <= 2 && value != 0;
    return whole ? std::optional<std::uint8_t>(value) : std::nullopt;
}

std::vector<std::string> known_gpt_codes() {
    std::vector<std::string> codes;
    codes.reserve(k_gpt_types.size());
    for (const GptType& known : k_gpt_types) {
        codes.emplace_back(known.code);
    }
    return codes;
}

std::string normalise_type(const std::string& type) {
    std::string text = type.starts_with("0x") || type.starts_with("0X") ? type.substr(2) : type;
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
}

} // namespace kiln::disk
