#pragma once

#include "process/command.hpp"

#include <string>

namespace kiln::base {

/// Something that was signed, and with which keys that must have been done.
struct SignedText {
    /// With its signature around it, or the text alone.
    std::string text;
    /// Detached signature, armoured or not; empty: it is around the text.
    std::string signature;
    /// For messages.
    std::string name;
    std::string keyring;
    /// What brings the keyring, for the hint when it is missing.
    std::string keyring_hint;
};

/// Whether the text has its signature around it ("-----BEGIN PGP SIGNED MESSAGE-----").
bool is_signed_around(const std::string& text);

/// Checks with gpgv, working in a folder of its own below scratch, and gives the very bytes that
/// the signature covers. Throws util::Error (code remote for the signature, tool for the keyring).
std::string
verified_text(const SignedText& signed_text, const std::string& scratch, process::Runner& runner);

} // namespace kiln::base
