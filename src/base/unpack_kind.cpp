#include "base/unpack_kind.hpp"

#include "disk/qcow2_header.hpp"

#include <array>
#include <utility>

namespace kiln::base {
namespace {

using namespace std::string_view_literals;

constexpr std::array k_packed = {
    std::pair{"\x1f\x8b"sv, "gz"sv},
    std::pair{"\xfd"
              "7zXZ\0"sv,
              "xz"sv},
    std::pair{"\x28\xb5\x2f\xfd"sv, "zst"sv},
    std::pair{"BZh"sv, "bz2"sv},
};

constexpr std::size_t k_ustar_at = 257;

} // namespace

std::string compression_of(std::string_view bytes) {
    for (const auto& [magic, name] : k_packed) {
        if (bytes.starts_with(magic)) {
            return std::string(name);
        }
    }
    return {};
}

ImageKind kind_of(std::string_view bytes) {
    if (disk::is_qcow2(bytes)) {
        return ImageKind::qcow2;
    }
    if (bytes.starts_with("hsqs"sv)) {
        return ImageKind::squashfs;
    }
    if (!compression_of(bytes).empty() ||
        (bytes.size() > k_ustar_at && bytes.substr(k_ustar_at).starts_with("ustar"sv))) {
        return ImageKind::tar;
    }
    return ImageKind::raw;
}

std::string kind_name(ImageKind kind) {
    switch (kind) {
    case ImageKind::qcow2:
        return "qcow2";
    case ImageKind::raw:
        return "raw";
    case ImageKind::squashfs:
        return "squashfs";
    case ImageKind::tar:
        return "tar";
    case ImageKind::automatic:
        break;
    }
    return "automatic";
}

} // namespace kiln::base
