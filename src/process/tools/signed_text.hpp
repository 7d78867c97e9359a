#pragma once

#include "process/command.hpp"

#include <string>
#include <vector>

namespace kiln::process {

/// Something that was signed, and with which keys that must have been done.
struct SignedText {
    /// With its signature around it, or the text alone.
    std::string text;
    /// Detached signature, armoured or not; empty: it is around the text.
    std::string signature;
    /// For messages.
    std::string name;
    std::vector<std::string> keyrings;
    /// Fingerprints, one of which must be among the keys (or their primary keys) that signed it;
    /// empty: any key of the keyrings will do.
    std::vector<std::string> fingerprints{};
    /// What brings the keyring, for the hint when it is missing.
    std::string keyring_hint{};
    /// What may help when the signature is not good.
    std::string hint{};
};

/// Whether the text has its signature around it ("-----BEGIN PGP SIGNED MESSAGE-----").
bool is_signed_around(const std::string& text);

/// Checks with gpgv, working in a folder of its own below scratch, and gives the very bytes that
/// the signature covers. Throws util::Error (code remote for the signature, tool for the keyring).
std::string
verified_text(const SignedText& signed_text, const std::string& scratch, Runner& runner);

} // namespace kiln::process
