#include "render/render.hpp"

#include "render/engine.hpp"
#include "render/jinja_tokens.hpp"
#include "render/mustache_tokens.hpp"
#include "util/error.hpp"

#include <filesystem>

namespace kiln::render {
namespace {

constexpr std::size_t k_largest_template = std::size_t{1024} * 1024;

Tokens tokens_of(const Source& source, Syntax syntax) {
    if (source.text.size() > k_largest_template) {
        throw util::Error({.what = source.name + ": the template is larger than 1 MiB",
                           .hint = "large data has no place in a template",
                           .code = util::ExitCode::usage});
    }
    if (syntax == Syntax::jinja) {
        return jinja_tokens(source);
    }
    std::optional<Tokens> tokens = mustache_tokens(source);
    check_mustache(source);
    if (!tokens) {
        source.fail(0, "the template's tags are malformed");
    }
    return *std::move(tokens);
}

} // namespace

Syntax syntax_of(const std::string& path) {
    const std::string extension = std::filesystem::path(path).extension().string();
    return extension == ".j2" || extension == ".jinja2" ? Syntax::jinja : Syntax::mustache;
}

std::string
render(const std::string& text, const std::string& name, Syntax syntax, const Value& values) {
    const Source source{.text = text, .name = name};
    return put_together(tokens_of(source, syntax), source, values);
}

void check(const std::string& text, const std::string& name, Syntax syntax) {
    (void)tokens_of({.text = text, .name = name}, syntax);
}

} // namespace kiln::render
