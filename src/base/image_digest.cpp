#include "base/image_digest.hpp"

#include "util/error.hpp"
#include "util/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <vector>

namespace kiln::base {
namespace {

constexpr std::size_t k_sha256_digits = 64;
constexpr std::size_t k_sha512_digits = 128;

} // namespace

std::optional<ImageDigest> digest_from_hex(std::string_view hex) {
    const auto is_digit = [](unsigned char c) { return std::isxdigit(c) != 0; };
    if ((hex.size() != k_sha256_digits && hex.size() != k_sha512_digits) ||
        !std::all_of(hex.begin(), hex.end(), is_digit)) {
        return std::nullopt;
    }
    ImageDigest digest = {.kind = hex.size() == k_sha256_digits ? util::DigestKind::sha256
                                                                : util::DigestKind::sha512,
                          .hex = std::string(hex)};
    for (char& digit : digest.hex) {
        digit = static_cast<char>(std::tolower(static_cast<unsigned char>(digit)));
    }
    return digest;
}

std::string digest_name(const ImageDigest& digest) {
    return (digest.kind == util::DigestKind::sha512 ? "sha512-" : "sha256-") + digest.hex;
}

std::optional<ImageDigest> digest_from_name(std::string_view name) {
    const std::size_t mark = name.find_first_of("-:");
    if (mark == std::string_view::npos) {
        return std::nullopt;
    }
    const auto digest = digest_from_hex(name.substr(mark + 1));
    const std::string_view kind = name.substr(0, mark);
    const bool fits = digest && digest_name(*digest).substr(0, mark) == kind;
    return fits ? digest : std::nullopt;
}

ImageDigest digest_of_file(const std::string& path,
                           util::DigestKind kind,
                           const std::function<void()>& on_wait) {
    constexpr std::size_t k_block = std::size_t{1024} * 1024;
    const util::Fd fd = util::open_file(path, O_RDONLY);
    util::Digest digest(kind);
    std::vector<char> block(k_block);
    while (true) {
        const ssize_t count = ::read(fd.get(), block.data(), block.size());
        if (count == 0) {
            return {.kind = kind, .hex = digest.finish()};
        }
        if (count < 0 && errno != EINTR) {
            util::throw_errno("cannot read '" + path + "'");
        }
        if (count > 0) {
            digest.update({block.data(), static_cast<std::size_t>(count)});
        }
        if (on_wait) {
            on_wait();
        }
    }
}

} // namespace kiln::base
