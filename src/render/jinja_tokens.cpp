#include "render/jinja_tokens.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <string_view>

namespace kiln::render {
namespace {

constexpr const char* k_limits =
    "a .j2 file can only have values put in, as {{ name }}, {{ a.b }} or {{ a['b'] }}; for "
    "conditions and lists rename it and write {{#name}}...{{/name}} (mustache)";
constexpr const char* k_raw_hint =
    "write {% raw %} and {% endraw %} around text that only looks like a template";

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool is_name(char letter) {
    return is_digit(letter) || letter == '_' || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z') || static_cast<unsigned char>(letter) >= 0x80U;
}

class JinjaScanner {
public:
    explicit JinjaScanner(const Source& source) : source_(source), text_(source.text) {}

    Tokens scan() {
        for (std::size_t at = find_tag(); at != std::string_view::npos; at = find_tag()) {
            const char kind = text_[at + 1];
            open(at);
            if (kind == '#') {
                comment();
            } else if (kind == '%') {
                statement();
            } else {
                expression();
            }
        }
        put_text(text_.substr(position_), position_);
        return std::move(tokens_);
    }

private:
    [[nodiscard]] std::size_t find_tag() const {
        std::size_t at = text_.find('{', position_);
        while (at != std::string_view::npos &&
               (at + 1 == text_.size() ||
                std::string_view("{%#").find(text_[at + 1]) == std::string_view::npos)) {
            at = text_.find('{', at + 1);
        }
        return at;
    }

    /// Puts out what is before a tag, and goes behind its "{{", "{%" or "{#".
    void open(std::size_t at) {
        std::string_view before = text_.substr(position_, at - position_);
        const std::size_t offset = position_;
        tag_ = at;
        position_ = at + 2;
        if (at_text("-")) {
            before = before.substr(0, before.find_last_not_of(k_white_space) + 1);
        }
        take_sign();
        put_text(before, offset);
    }

    void comment() {
        const std::size_t end = text_.find("#}", position_);
        if (end == std::string_view::npos) {
            source_.fail(tag_, "'{#' without '#}'", k_raw_hint);
        }
        const char sign = end > position_ ? text_[end - 1] : ' ';
        position_ = end + 2;
        after_block(sign);
    }

    void statement() {
        if (!take_word("raw")) {
            skip_blanks();
            source_.fail(
                tag_, "'{% " + name() + " %}' is more than kiln does with a .j2 file", k_limits);
        }
        if (!take_end("%}")) {
            source_.fail(tag_, "'{% raw' without '%}'", k_raw_hint);
        }
        raw();
    }

    /// To the endraw that ends a raw.
    void raw() {
        const std::size_t begin = position_;
        for (std::size_t end = text_.find("{%", position_); end != std::string_view::npos;
             end = text_.find("{%", end + 2)) {
            position_ = end + 2;
            const bool strip = at_text("-");
            take_sign();
            if (!take_word("endraw")) {
                continue;
            }
            const char sign = at_text("-%}") ? '-' : at_text("+%}") ? '+' : ' ';
            if (!take("%}") && !take("-%}") && !take("+%}")) {
                continue;
            }
            const std::string_view inner = text_.substr(begin, end - begin);
            const std::size_t last = inner.find_last_not_of(k_white_space);
            put_text(strip ? inner.substr(0, last + 1) : inner, begin);
            after_block(sign);
            return;
        }
        source_.fail(tag_, "'{% raw %}' without '{% endraw %}'");
    }

    /// Ansible's trim_blocks: the line end after a block goes too, but for "+".
    void after_block(char sign) {
        if (sign == '-') {
            skip_blanks();
        } else if (sign != '+' && !take("\r\n")) {
            take("\n");
        }
    }

    void expression() {
        skip_blanks();
        Token token = {.kind = TokenKind::variable, .offset = position_};
        if (at_text("'") || at_text("\"")) {
            token = {.text = literal(), .offset = position_};
        } else {
            token.path = path();
            token.text = util::join(token.path, ".");
        }
        skip_blanks();
        if (!take_end("}}")) {
            refuse();
        }
        tokens_.push_back(std::move(token));
    }

    std::vector<std::string> path() {
        std::vector<std::string> keys;
        if (position_ < text_.size() && is_digit(text_[position_])) {
            refuse();
        }
        keys.push_back(key());
        for (skip_blanks(); at_text(".") || at_text("["); skip_blanks()) {
            const bool subscript = at_text("[");
            ++position_;
            skip_blanks();
            const bool quoted = subscript && (at_text("'") || at_text("\""));
            if (subscript && !quoted && position_ < text_.size() && !is_digit(text_[position_])) {
                refuse();
            }
            keys.push_back(quoted ? literal() : key());
            skip_blanks();
            if (subscript && !take("]")) {
                refuse();
            }
        }
        return keys;
    }

    std::string key() {
        std::string word = name();
        if (word.empty()) {
            refuse();
        }
        return word;
    }

    /// A quoted text, with Python's most common escapes.
    std::string literal() {
        const char quote = text_[position_++];
        std::string result;
        while (position_ < text_.size() && text_[position_] != quote) {
            char letter = text_[position_++];
            if (letter == '\\' && position_ < text_.size()) {
                letter = text_[position_++];
                letter = letter == 'n' ? '\n' : letter == 't' ? '\t' : letter;
            }
            result += letter;
        }
        if (position_ == text_.size()) {
            source_.fail(tag_, "a quoted text without an end", k_raw_hint);
        }
        ++position_;
        return result;
    }

    /// What stands here is none of what can be put in.
    [[noreturn]] void refuse() const {
        if (position_ == text_.size()) {
            source_.fail(tag_, "'{{' without '}}'", k_raw_hint);
        }
        if (at_text("}}")) {
            source_.fail(position_, "a name is missing before '}}'", k_raw_hint);
        }
        const std::size_t end = text_.find_first_of(" \t\r\n}", position_ + 1);
        const std::string word(text_.substr(position_, std::min<std::size_t>(end - position_, 40)));
        source_.fail(position_, "'" + word + "' is more than kiln does with a .j2 file", k_limits);
    }

    std::string name() {
        const std::size_t begin = position_;
        while (position_ < text_.size() && is_name(text_[position_])) {
            ++position_;
        }
        return std::string(text_.substr(begin, position_ - begin));
    }

    [[nodiscard]] bool at_text(std::string_view what) const {
        return text_.substr(position_, what.size()) == what;
    }

    bool take(std::string_view what) {
        const bool found = at_text(what);
        position_ += found ? what.size() : 0;
        return found;
    }

    /// After "{{", "{%" and "{#".
    void take_sign() {
        if (!take("-")) {
            take("+");
        }
    }

    /// The end of a tag; one with "-" takes the white space behind it along.
    bool take_end(std::string_view end) {
        const std::size_t begin = position_;
        const bool strip = take("-");
        if (!take(end)) {
            position_ = begin;
            return false;
        }
        if (strip) {
            skip_blanks();
        }
        return true;
    }

    bool take_word(std::string_view word) {
        const std::size_t begin = position_;
        skip_blanks();
        if (name() != word) {
            position_ = begin;
            return false;
        }
        skip_blanks();
        return true;
    }

    void skip_blanks() {
        position_ = std::min(text_.find_first_not_of(k_white_space, position_), text_.size());
    }

    void put_text(std::string_view text, std::size_t offset) {
        if (!text.empty()) {
            tokens_.push_back({.text = std::string(text), .offset = offset});
        }
    }

    const Source& source_;
    std::string_view text_;
    Tokens tokens_;
    std::size_t position_ = 0;
    /// Where the tag that is read begins.
    std::size_t tag_ = 0;
};

} // namespace

Tokens jinja_tokens(const Source& source) {
    return JinjaScanner(source).scan();
}

} // namespace kiln::render
