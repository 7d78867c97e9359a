#include "render/render.hpp"
#include "util/error.hpp"

#include <cstdint>
#include <string>

namespace {

kiln::render::Value values() {
    using kiln::render::Value;
    return Value(Value::Map{{"a", "{{b}}{% raw %}"},
                            {"b", Value::List{"x", Value::Map{{"c.d", "{{#a}}"}}}},
                            {"e", Value::Map{{"f", ""}}}});
}

} // namespace

/// Any text is rendered in both syntaxes, or refused with an Error.
// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    for (const auto syntax : {kiln::render::Syntax::mustache, kiln::render::Syntax::jinja}) {
        try {
            static_cast<void>(kiln::render::render(text, "fuzz", syntax, values()));
        } catch (const kiln::util::Error&) { // NOLINT(bugprone-empty-catch): a good answer
        }
    }
    return 0;
}
