#pragma once

#include "render/source.hpp"
#include "render/token.hpp"

#include <optional>

namespace kiln::render {

/// The parts of a mustache template; a tag of no output that has a line to itself takes the whole
/// line (mustache(5), "standalone"). Nothing when the tags are malformed: kainjow says how. Whether
/// sections are closed is not looked at. Throws util::Error for partials and deep nesting.
std::optional<Tokens> mustache_tokens(const Source& source);

} // namespace kiln::render
