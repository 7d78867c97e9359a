#pragma once

#include "render/render.hpp"

namespace kiln::tests {

/// What the templates of the tests are about.
inline render::Value example_values() {
    using render::Value;
    const auto image = [](const char* name, const char* id) {
        return Value(Value::Map{{"name", name}, {"id", id}});
    };
    return Value(Value::Map{
        {"name", "web"},
        {"markup", "<a href=\"x\">&'</a>"},
        {"tricky", "{{name}} {% if %} {{#images}} {{{name}}}"},
        {"lines", "one\ntwo"},
        {"empty", ""},
        {"no", "false"},
        {"umlaut", "grün"},
        {"none", Value::List{}},
        {"zones", Value::List{"a", "b"}},
        {"images", Value::List{image("debian", "1"), image("ubuntu", "2")}},
        {"flavor", Value::Map{{"ram", "2048"}, {"disk", Value::Map{{"size", "20"}}}}},
        {"by-name", Value::Map{{"ubuntu-22.04", Value::Map{{"id", "2204"}}}, {"x", "y"}}}});
}

} // namespace kiln::tests
