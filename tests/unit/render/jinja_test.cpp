#include "unit/render/values.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using ::testing::HasSubstr;

std::string rendered(const std::string& text) {
    return render::render(text, "stack.j2", render::Syntax::jinja, example_values());
}

util::ErrorInfo refusal(const std::string& text) {
    return error_of([&] { rendered(text); });
}

struct Case {
    const char* what;
    const char* text;
    const char* expected;
};

/// What jinja2 3.1 gives with trim_blocks and keep_trailing_newline, but that CRLF stays.
const std::vector<Case> k_cases = {
    {"nothing", "", ""},
    {"no tags", "a: b\n\n", "a: b\n\n"},
    {"a text", "image: {{ name }}\n", "image: web\n"},
    {"without blanks", "{{name}}", "web"},
    {"lines in a tag", "{{\n name\n}}", "web"},
    {"nothing is escaped", "{{ markup }}", "<a href=\"x\">&'</a>"},
    {"values are no templates", "{{ tricky }}", "{{name}} {% if %} {{#images}} {{{name}}}"},
    {"attributes", "{{ flavor.ram }} {{ flavor . disk .size }}", "2048 20"},
    {"subscripts", "{{ flavor['ram'] }} {{ flavor[ \"disk\" ]['size'] }}", "2048 20"},
    {"items of lists", "{{ images[1].id }} {{ zones.0 }}", "2 a"},
    {"white space before", "a \n {{- name }} b", "aweb b"},
    {"white space behind", "a {{ name -}} \n b", "a webb"},
    {"white space around", "a\n{{- name -}}\nb", "awebb"},
    {"between two tags", "{{ name -}}  {{ name }}", "webweb"},
    {"a comment", "a {# {{ x }} #} b", "a  b"},
    {"a line of a comment", "a\n{# x\n y #}\nb\n", "a\nb\n"},
    {"a comment without white space", "a \n{#- x -#}\n b", "ab"},
    {"raw", "{% raw %}{{ x }} {% if %} {# {% endraw %}", "{{ x }} {% if %} {# "},
    {"lines of raw", "a\n{% raw %}\n{{ x }}\n{% endraw %}\nb\n", "a\n\n{{ x }}\nb\n"},
    {"raw without white space", "a {%- raw -%} x {%- endraw -%} b", "axb"},
    {"a quoted text", "{{ '{{' }} x {{ \"}}\\n\" }}", "{{ x }}\n"},
    {"CRLF", "a: {{ name }}\r\n{# x #}\r\nb\r\n", "a: web\r\nb\r\n"},
    {"UTF-8", "größe: {{ umlaut }} →", "größe: grün →"},
    {"Heat",
     "a: { get_param: x }\nb: {c: {get_attr: [d, e]}}\nd: ${e} $$f {g} }}\n",
     "a: { get_param: x }\nb: {c: {get_attr: [d, e]}}\nd: ${e} $$f {g} }}\n"},
    {"mustache's sections", "{{ name }} {/name} <%= x %>", "web {/name} <%= x %>"},
    {"a brace at the end", "{{ name }} {", "web {"},
};

TEST(Jinja, PutsValuesIn) {
    for (const Case& one : k_cases) {
        EXPECT_EQ(rendered(one.text), one.expected) << one.what;
    }
}

struct Fault {
    const char* text;
    const char* what;
    const char* hint;
};

const std::vector<Fault> k_faults = {
    {"a\nb: {{ nmae }}\n", "stack.j2:2:7: unknown variable 'nmae'", "did you mean 'name'?"},
    {"ä {{- flavor['rma'] }}",
     "stack.j2:1:7: unknown variable 'flavor.rma'",
     "did you mean 'flavor.ram'?"},
    {"{{ flavor.ram.x }}",
     "stack.j2:1:4: unknown variable 'flavor.ram.x'",
     "did you mean 'flavor.ram'?"},
    {"{{ zones }}", "stack.j2:1:4: 'zones' is a list, not a text", "name a text in it"},
    {"{{ name | upper }}",
     "stack.j2:1:9: '|' is more than kiln does with a .j2 file",
     "a .j2 file"},
    {"{{ name() }}", "stack.j2:1:8: '()' is more than kiln does with a .j2 file", "mustache"},
    {"{{ by-name }}", "stack.j2:1:6: '-name' is more than kiln does with a .j2 file", "mustache"},
    {"{{ 1 + 2 }}", "stack.j2:1:4: '1' is more than kiln does with a .j2 file", "mustache"},
    {"{{ a[b] }}", "stack.j2:1:6: 'b]' is more than kiln does with a .j2 file", "a['b']"},
    {"\n {% if x %}y{% endif %}",
     "stack.j2:2:2: '{% if %}' is more than kiln does with a .j2 file",
     "{{#name}}...{{/name}} (mustache)"},
    {"{{ }}", "stack.j2:1:4: a name is missing before '}}'", "{% raw %}"},
    {"{{ a. }}", "stack.j2:1:7: a name is missing before '}}'", "{% raw %}"},
    {"a\n{{ name", "stack.j2:2:1: '{{' without '}}'", "{% raw %}"},
    {"{{", "stack.j2:1:1: '{{' without '}}'", "{% raw %}"},
    {"{{ name }", "stack.j2:1:9: '}' is more than kiln does with a .j2 file", "mustache"},
    {"{{ 'x }}", "stack.j2:1:1: a quoted text without an end", "{% raw %}"},
    {"x=${#x}", "stack.j2:1:4: '{#' without '#}'", "{% raw %}"},
    {"{% raw %} x", "stack.j2:1:1: '{% raw %}' without '{% endraw %}'", ""},
    {"{% raw x %}", "stack.j2:1:1: '{% raw' without '%}'", "{% raw %}"},
};

TEST(Jinja, TellsWhereAFaultIs) {
    for (const Fault& one : k_faults) {
        const util::ErrorInfo error = refusal(one.text);
        EXPECT_EQ(error.what, one.what);
        EXPECT_THAT(error.hint, HasSubstr(one.hint)) << one.text;
        EXPECT_EQ(error.code, util::ExitCode::usage);
    }
}

TEST(Jinja, KeysMayBeWhatNoNameCouldBe) {
    const render::Value values(render::Value::Map{
        {"images", render::Value::Map{{"ubuntu-22.04", render::Value::Map{{"id", "7"}}}}}});
    EXPECT_EQ(render::render("{{ images['ubuntu-22.04'].id }}", "x", render::Syntax::jinja, values),
              "7");
}

TEST(Jinja, KeepsALongTemplate) {
    std::string text;
    std::string expected;
    for (int line = 0; line < 20'000; ++line) {
        text += "- {{ name }} of line " + std::to_string(line) + "\n";
        expected += "- web of line " + std::to_string(line) + "\n";
    }
    EXPECT_EQ(rendered(text), expected);
}

} // namespace
} // namespace kiln::tests
