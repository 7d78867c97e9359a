#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiln::cache {

/// A keyring as gpgv reads it: what is in ASCII armour (RFC 9580, section 6.2) is unpacked, all its
/// blocks one after the other; other bytes are given as they are. Nothing when a block is broken.
/// Whether the keys are any good is for gpgv to say.
std::optional<std::string> binary_keyring(std::string_view bytes);

} // namespace kiln::cache
