#include "unit/render/values.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string from_mustache(const std::string& text) {
    return render::render(text, "stack.yaml", render::Syntax::mustache, example_values());
}

util::ErrorInfo mustache_refusal(const std::string& text) {
    return error_of([&] { from_mustache(text); });
}

struct MustacheCase {
    const char* what;
    const char* text;
    const char* expected;
};

const std::vector<MustacheCase> k_mustache_cases = {
    {"nothing", "", ""},
    {"no tags", "a: b\n", "a: b\n"},
    {"a text", "image: {{name}}\n", "image: web\n"},
    {"blanks in a tag", "{{ name }}|{{\nname\n}}", "web|web"},
    {"nothing is escaped", "{{markup}}", "<a href=\"x\">&'</a>"},
    {"three braces", "{{{markup}}}|{{& markup }}", "<a href=\"x\">&'</a>|<a href=\"x\">&'</a>"},
    {"values are no templates", "{{tricky}}", "{{name}} {% if %} {{#images}} {{{name}}}"},
    {"a value of lines", "a {{lines}} b", "a one\ntwo b"},
    {"an empty value", "[{{empty}}]", "[]"},
    {"dotted names", "{{flavor.ram}} {{flavor.disk.size}}", "2048 20"},
    {"keys with dots", "{{by-name.ubuntu-22.04.id}}", "2204"},
    {"an item by number", "{{zones.1}}", "b"},
    {"a list", "{{#zones}}<{{.}}>{{/zones}}", "<a><b>"},
    {"a list of maps", "{{#images}}{{name}}={{id}} {{/images}}", "debian=1 ubuntu=2 "},
    {"outer names in a section", "{{#images}}{{flavor.ram}}{{id}} {{/images}}", "20481 20482 "},
    {"an empty list", "{{#none}}x{{/none}}{{^none}}y{{/none}}", "y"},
    {"an empty text is false", "{{#empty}}x{{/empty}}{{^empty}}y{{/empty}}", "y"},
    {"'false' is false", "{{#no}}x{{/no}}{{^no}}y{{/no}}", "y"},
    {"a text is true", "{{#name}}x{{.}}{{/name}}{{^name}}y{{/name}}", "xweb"},
    {"a map is a scope", "{{#flavor}}{{ram}}{{/flavor}}", "2048"},
    {"unknown sections are false", "{{#what}}{{ever}}{{/what}}{{^what}}y{{/what}}", "y"},
    {"a comment", "a{{! no {name} }}b", "ab"},
    {"other delimiters", "{{=<% %>=}}<% name %> {{name}}<%={{ }}=%> {{name}}", "web {{name}} web"},
    {"lines of sections", "a:\n{{#zones}}\n  - {{.}}\n{{/zones}}\nb\n", "a:\n  - a\n  - b\nb\n"},
    {"lines of false sections", "a\n  {{#no}}\nx\n  {{/no}}\nb\n", "a\nb\n"},
    {"a blank line in a section", "{{#name}}\n\nx\n{{/name}}\n", "\nx\n"},
    {"a line of a comment", "a\n  {{! words\n of two lines }}  \nb\n", "a\nb\n"},
    {"a line of delimiters", "a\n{{=| |=}}\n|name|\n", "a\nweb\n"},
    {"two tags on a line", "a\n{{#name}}{{/name}}\nb\n", "a\n\nb\n"},
    {"a section at the end", "a\n  {{#name}}\nx\n  {{/name}}", "a\nx\n"},
    {"only blanks", "{{#name}} {{/name}}", " "},
    {"CRLF",
     "a: {{name}}\r\n{{#zones}}\r\n- {{.}}\r\n{{/zones}}\r\nb\r\n",
     "a: web\r\n- a\r\n- b\r\nb\r\n"},
    {"UTF-8", "größe: {{umlaut}} →", "größe: grün →"},
    {"Heat",
     "a: { get_param: x }\nb: {c: {get_attr: [d, e]}}\nd: ${e} $$f {% g %} {# h #}\n",
     "a: { get_param: x }\nb: {c: {get_attr: [d, e]}}\nd: ${e} $$f {% g %} {# h #}\n"},
};

TEST(Mustache, PutsValuesIn) {
    for (const MustacheCase& one : k_mustache_cases) {
        EXPECT_EQ(from_mustache(one.text), one.expected) << one.what;
    }
}

struct MustacheFault {
    const char* text;
    const char* what;
    const char* hint;
};

const std::vector<MustacheFault> k_mustache_faults = {
    {"a\nb: {{ nmae }}\n", "stack.yaml:2:7: unknown variable 'nmae'", "did you mean 'name'?"},
    {"ä: {{{flavour.ram}}}",
     "stack.yaml:1:7: unknown variable 'flavour.ram'",
     "did you mean 'flavor.ram'?"},
    {"{{#images}}{{nane}}{{/images}}",
     "stack.yaml:1:14: unknown variable 'nane'",
     "did you mean 'name'?"},
    {"{{&zzzzzzzz}}",
     "stack.yaml:1:4: unknown variable 'zzzzzzzz'",
     "known are: by-name, empty, flavor, images, lines, markup, name, no, ..."},
    {"{{zones}}", "stack.yaml:1:3: 'zones' is a list, not a text", "name a text in it"},
    {"{{flavor}}", "stack.yaml:1:3: 'flavor' is a map, not a text", "name a text in it"},
    {"{{#images}}{{.}}{{/images}}",
     "stack.yaml:1:14: '.' is a map, not a text",
     "name a text in it"},
    {"a\r\n  {{ }}\r\n", "stack.yaml:2:3: a tag without a name", ""},
    {"a\n {{name", "stack.yaml:2:2: unclosed tag", ""},
    {"a\n {{", "stack.yaml:2:2: unclosed tag", ""},
    {"a\n{{#name}}b\n", "stack.yaml:2:1: unclosed section 'name'", ""},
    {"{{#name}}{{#no}}{{/name}}{{/no}}", "stack.yaml:1:1: unclosed section 'name'", ""},
    {"a{{/name}}", "stack.yaml:1:2: unopened section 'name'", ""},
    {"{{=x=}}", "stack.yaml:1:1: invalid set delimiter tag", ""},
    {"\n{{> other}}",
     "stack.yaml:2:1: '> other': templates cannot include others",
     "write the text here, or give it as a value"},
};

TEST(Mustache, TellsWhereAFaultIs) {
    for (const MustacheFault& one : k_mustache_faults) {
        const util::ErrorInfo error = mustache_refusal(one.text);
        EXPECT_EQ(error.what, one.what);
        EXPECT_EQ(error.hint, one.hint) << one.text;
        EXPECT_EQ(error.code, util::ExitCode::usage);
    }
    EXPECT_THAT(mustache_refusal("a\n\tä {{ nmae }} b\r\n").excerpt,
                ElementsAre("\tä {{ nmae }} b", "\t     ^"));
}

TEST(Mustache, FaultsInSectionsThatAreNotShownDoNotMatter) {
    EXPECT_EQ(from_mustache("{{#no}}{{unknown}}{{/no}}"), "");
}

TEST(Mustache, KeepsALongTemplate) {
    std::string text;
    std::string expected;
    for (int line = 0; line < 20'000; ++line) {
        text += "- {{name}} of line " + std::to_string(line) + "\n";
        expected += "- web of line " + std::to_string(line) + "\n";
    }
    EXPECT_EQ(from_mustache(text), expected);
}

TEST(Mustache, RefusesWhatWouldNotEnd) {
    std::string open;
    std::string close;
    for (int level = 0; level < 60; ++level) {
        open += "{{#zones}}";
        close += "{{/zones}}";
    }
    EXPECT_THAT(mustache_refusal(open + "x" + close).what,
                HasSubstr("the template becomes too large"));
    for (int level = 0; level < 10'000; ++level) {
        open += "{{#zones}}";
    }
    EXPECT_THAT(mustache_refusal(open).what, HasSubstr("nested too deeply"));
    EXPECT_THAT(mustache_refusal(std::string(2'000'000, 'x')).what, HasSubstr("larger than 1 MiB"));
}

TEST(Mustache, IsTheSyntaxOfAllFilesButJinjas) {
    EXPECT_EQ(render::syntax_of("a/stack.yaml"), render::Syntax::mustache);
    EXPECT_EQ(render::syntax_of("a.j2/stack"), render::Syntax::mustache);
    EXPECT_EQ(render::syntax_of("stack.yaml.j2"), render::Syntax::jinja);
    EXPECT_EQ(render::syntax_of("stack.jinja2"), render::Syntax::jinja);
}

} // namespace
} // namespace kiln::tests
