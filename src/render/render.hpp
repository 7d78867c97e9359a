#pragma once

#include "render/value.hpp"

#include <string>

namespace kiln::render {

/// How a template is written.
/// mustache: mustache(5) with sections, inverted sections, dotted names, comments and other
/// delimiters; no partials, and nothing is escaped, for templates are YAML and not HTML. A key may
/// have dots itself. A text that is empty or "false" is false in a section.
/// jinja: templates of Ansible and the like that only put in values: {{ a }}, {{ a.b }},
/// {{ a['b'] }}, {{ a[0] }}, {{ 'text' }}, {{- a -}}, {# #}, {% raw %}. As with Ansible's template
/// module, the line end after a comment or {% endraw %} is dropped and that of the file is not; but
/// CRLF stays CRLF.
enum class Syntax { mustache, jinja };

/// By the file's name: ".j2" and ".jinja2" are jinja, all others mustache.
Syntax syntax_of(const std::string& path);

/// The template with the values (a map) put in. Values are never rendered themselves. name is what
/// errors call the template. Throws util::Error (code usage): "NAME:LINE:COLUMN: unknown variable
/// 'x'", with the line, and the nearest known name as hint; also for a template beyond 1 MiB or one
/// that would become more than 64 MiB.
std::string
render(const std::string& text, const std::string& name, Syntax syntax, const Value& values);

/// Throws as render() does for a template that no values would make good.
void check(const std::string& text, const std::string& name, Syntax syntax);

} // namespace kiln::render
