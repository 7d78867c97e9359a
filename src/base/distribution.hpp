#pragma once

#include <string>
#include <string_view>

namespace kiln::base {

/// What a distribution calls its cloud images and where they lie.
struct Distribution {
    std::string folder;
    std::string file;
    std::string list = "SHA256SUMS";
    /// Name of the signature: that of the list and this.
    std::string signature_suffix = ".gpg";
    /// Whether the distribution signs its lists.
    bool is_signed = false;
    std::string keyring;
    std::string keyring_hint;
};

/// What is asked for.
struct Release {
    std::string distribution;
    std::string release;
    std::string architecture;
    /// "server", "genericcloud"; empty: the usual one.
    std::string flavour;
};

/// folder and file are empty for a distribution or a release that the tables do not have.
Distribution distribution_of(const Release& release);

/// Code names that Debian's table has, for a hint.
std::string known_debian_releases();

} // namespace kiln::base
