#include "render/source.hpp"

#include "util/error.hpp"

#include <algorithm>

namespace kiln::render {
namespace {

/// Whether a byte begins a character of UTF-8.
bool begins_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

/// As wide as the text: tabs stay.
std::string blank(const std::string& text) {
    std::string result;
    for (const char byte : text) {
        if (begins_character(byte)) {
            result += byte == '\t' ? '\t' : ' ';
        }
    }
    return result;
}

} // namespace

void Source::fail(std::size_t offset, const std::string& what, const std::string& hint) const {
    const std::size_t at = std::min(offset, text.size());
    const std::size_t before = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    std::string line = text.substr(begin, text.find('\n', begin) - begin);
    if (!line.empty() && line.back() == '\r') {
        line.pop_back();
    }
    const std::string left = blank(text.substr(begin, at - begin));
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto number = std::count(text.begin(), end, '\n') + 1;
    throw util::Error({.what = name + ":" + std::to_string(number) + ":" +
                               std::to_string(left.size() + 1) + ": " + what,
                       .hint = hint,
                       .code = util::ExitCode::usage,
                       .excerpt = {line, left + "^"}});
}

} // namespace kiln::render
