#pragma once

#include "store/image.hpp"

#include <functional>
#include <string>

namespace kiln::store {

/// The digest of a file by an algorithm as images name it ("sha512", "sha256", "md5"), in
/// lower-case hexadecimal; empty for an algorithm that is not known.
std::string file_digest(const std::string& path, const std::string& algorithm);

/// Makes `path` of what fetch puts into a file beside it (".part", where bytes of an earlier try
/// may lie), once that has the image's digest. A part that has not is fetched again from its start;
/// then StoreError (damaged). An image without data is StoreError (conflict), one that is
/// deactivated is StoreError (forbidden).
void download_verified(const Image& image,
                       const std::string& path,
                       const std::function<void(const std::string& part)>& fetch);

} // namespace kiln::store
