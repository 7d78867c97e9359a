#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kiln::cache {

/// What repodata/repomd.xml of an rpm repository says.
struct RpmMetadata {
    /// SHA-256 of the unpacked primary, or of the packed one where there is no such; other kinds
    /// ("sha512-...") carry their name. k_absent_index without a primary.
    std::string primary;
    /// The newest timestamp in it; seconds since 1970.
    std::optional<std::int64_t> date{};
};

/// Throws util::Error (code remote) for what is no such XML.
RpmMetadata parse_repomd(const std::string& text, const std::string& name);

/// What a metalink says of repomd.xml (metalinker.org, version 3, as dnf reads it), or a plain list
/// of mirrors.
struct RpmMirrors {
    /// Folders that hold repodata/, http and https only, in the order of the list.
    std::vector<std::string> folders{};
    /// SHA-256 of the repomd.xml that count as current, the newest first; empty: it does not say.
    std::vector<std::string> digests{};
};

/// Throws util::Error (code remote) for a list without a mirror that can be used.
RpmMirrors parse_mirrors(const std::string& text, const std::string& name);

} // namespace kiln::cache
