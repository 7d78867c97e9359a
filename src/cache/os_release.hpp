#pragma once

#include "util/root_dir.hpp"

#include <string>
#include <string_view>

namespace kiln::cache {

/// What a system calls itself (os-release(5)); empty where it does not say.
struct OsRelease {
    /// "debian".
    std::string id{};
    /// Related systems, separated by spaces.
    std::string id_like{};
    /// "12".
    std::string version_id{};
};

OsRelease parse_os_release(std::string_view text);

/// Of a tree that is not trusted: ID and VERSION_ID are nothing but what os-release(5) allows in
/// them, else empty; so is all when the file cannot be read.
OsRelease read_os_release(const util::RootDir& tree);

} // namespace kiln::cache
