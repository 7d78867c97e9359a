#pragma once

#include "base/image_digest.hpp"
#include "base/unpack.hpp"
#include "process/command.hpp"

#include <optional>
#include <string>

namespace kiln::base {

/// What vouches for an image.
enum class Trust {
    /// A signature over the checksum list, by a key of the keyring.
    signature,
    /// The way the list came: https, or a file of this machine.
    transport,
    /// Nothing; the user allowed that (KILN_BASE_UNSIGNED=1).
    nobody,
    /// A digest that the user gave (KILN_BASE_DIGEST).
    digest,
    /// A file that the user gave (DIB_LOCAL_IMAGE).
    user
};

/// Where a base image comes from.
struct ImageSource {
    Trust trust = Trust::user;
    /// A file of this machine; else empty.
    std::string local{};
    std::string url{};
    ImageKind kind = ImageKind::automatic;
    std::optional<ImageDigest> digest{};
    std::string list_url{};
    /// The image's name in the list.
    std::string list_name{};
    /// Empty with Trust::signature: looked for around the list.
    std::string signature_url{};
    std::string keyring{};
    /// What to do when the keyring is not there.
    std::string keyring_hint{};
};

/// By the variables of an element's environment: DISTRO_NAME, DIB_RELEASE, DIB_FLAVOR, ARCH,
/// DIB_LOCAL_IMAGE, DIB_CLOUD_IMAGES, BASE_IMAGE_FILE, SHA256SUMS, KILN_BASE_* (the README of
/// element base-image has them all). Throws util::Error (code usage) that names the variable.
ImageSource locate(const process::Environment& environment);

/// By the end of a file's name; automatic where that does not tell.
ImageKind kind_of_name(const std::string& name);

} // namespace kiln::base
