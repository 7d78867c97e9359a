#pragma once

#include "render/source.hpp"
#include "render/token.hpp"
#include "render/value.hpp"

namespace kiln::render {

/// Throws util::Error when kainjow finds a fault in a mustache template's tags and sections.
void check_mustache(const Source& source);

/// The parts put together. Sections must be closed. Throws util::Error as render() does.
std::string put_together(const Tokens& tokens, const Source& source, const Value& values);

} // namespace kiln::render
