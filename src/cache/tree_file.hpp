#pragma once

#include "util/root_dir.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::cache {

/// A regular file of a tree that is not trusted; nothing when there is none. Throws util::Error
/// when it is larger than limit: what was not read must not seem to be absent.
std::optional<std::string>
read_bounded(const util::RootDir& tree, std::string_view path, std::uint64_t limit = 1 << 20);

} // namespace kiln::cache
