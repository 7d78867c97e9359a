#pragma once

#include "render/source.hpp"
#include "render/token.hpp"

namespace kiln::render {

/// The parts of a Jinja template that only puts in values (see Syntax in render.hpp). Throws
/// util::Error for all else of Jinja's language. Source of the rules: jinja2/lexer.py.
Tokens jinja_tokens(const Source& source);

} // namespace kiln::render
