#pragma once

#include "process/command.hpp"
#include "process/tool_check.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::process {

/// gpgv(1): checks a signature against the keys of some keyrings, and nothing else.
struct Gpgv {
    std::vector<std::string> keyrings;
    /// A detached signature; empty: the file itself is signed text.
    std::string signature;
    std::string file;
    /// Where the signed text of such a file goes; empty for a detached signature.
    std::string output;
    /// An empty folder, so that no settings of the user count.
    std::string home;
};

Command gpgv_command(const Gpgv& options);

ToolRequirement gpgv_requirement();

/// What the lines of --status-fd say (GnuPG's doc/DETAILS).
struct GpgvStatus {
    /// Fingerprint of a key of the keyring that made a good signature.
    std::optional<std::string> signer{};
    /// Fingerprints of all keys that made good signatures, and of the primary keys they belong to.
    std::vector<std::string> good_keys{};
    /// Why there is none, or why a good one does not count.
    std::string problem{};
};

/// A good signature is GOODSIG and VALIDSIG of one signature. One that is bad spoils all others;
/// one by a key that is not in the keyring does not.
GpgvStatus read_gpgv_status(std::string_view status);

} // namespace kiln::process
