#pragma once

#include "util/digest.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::base {

/// A digest that an image is known by: SHA-256 or SHA-512. Weaker ones do not count.
struct ImageDigest {
    util::DigestKind kind = util::DigestKind::sha256;
    /// Lower-case hexadecimal, of the right length.
    std::string hex;

    bool operator==(const ImageDigest&) const = default;
};

/// From hexadecimal digits of either case; their number tells the kind. Nothing for other text.
std::optional<ImageDigest> digest_from_hex(std::string_view hex);

/// "sha256-HEX", also a file name; and back ("sha256:HEX" is taken too).
std::string digest_name(const ImageDigest& digest);
std::optional<ImageDigest> digest_from_name(std::string_view name);

/// Reads the whole file. on_wait is called now and then; what it throws ends the work.
ImageDigest digest_of_file(const std::string& path,
                           util::DigestKind kind,
                           const std::function<void()>& on_wait = {});

} // namespace kiln::base
