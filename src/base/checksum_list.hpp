#pragma once

#include "base/image_digest.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::base {

/// A list of checksums of files, as `sha256sum` writes it ("HEX  NAME", "HEX *NAME") or with
/// --tag ("SHA256 (NAME) = HEX"), mixed where one likes. Blank lines and lines that begin with '#'
/// do not count. Everything else is an error: of a list that is not understood no line is used.
class ChecksumList {
public:
    /// Throws util::Error (code remote) that begins with "source:line:". A list that still carries
    /// its signature is refused: what stands around the signed text is not signed.
    static ChecksumList parse(std::string_view text, const std::string& source);

    /// Of a file by its name in the list, a leading "./" aside; of two digests the stronger.
    [[nodiscard]] std::optional<ImageDigest> find(const std::string& name) const;

    [[nodiscard]] const std::map<std::string, ImageDigest>& entries() const { return entries_; }

private:
    std::map<std::string, ImageDigest> entries_;
};

} // namespace kiln::base
