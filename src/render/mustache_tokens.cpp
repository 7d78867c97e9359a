#include "render/mustache_tokens.hpp"

#include "util/text.hpp"

#include <algorithm>
#include <string_view>

namespace kiln::render {
namespace {

/// kainjow and this program recurse into sections.
constexpr std::size_t k_deepest_nesting = 64;

struct Delimiters {
    std::string open = "{{";
    std::string close = "}}";
};

/// A tag as it stands in the text.
struct Tag {
    std::size_t begin = 0;
    std::size_t end = 0;
    /// Without white space around.
    std::string_view content{};
    bool triple = false;
};

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(k_white_space);
    if (begin == std::string_view::npos) {
        return text.substr(0, 0);
    }
    return text.substr(begin, text.find_last_not_of(k_white_space) + 1 - begin);
}

/// "=<% %>=", by the same rules as kainjow's.
std::optional<Delimiters> new_delimiters(std::string_view content) {
    if (content.size() < 5 || content.back() != '=') {
        return std::nullopt;
    }
    const std::string_view inner = trimmed(content.substr(1, content.size() - 2));
    const std::size_t blank = inner.find(' ');
    if (blank == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view open = inner.substr(0, blank);
    const std::string_view close = inner.substr(inner.find_first_not_of(' ', blank));
    const std::string refused = std::string(k_white_space) + "=";
    if (open.find_first_of(refused) != std::string_view::npos ||
        close.find_first_of(refused) != std::string_view::npos) {
        return std::nullopt;
    }
    return Delimiters{.open = std::string(open), .close = std::string(close)};
}

class MustacheScanner {
public:
    explicit MustacheScanner(const Source& source) : source_(source), text_(source.text) {}

    std::optional<Tokens> scan() {
        std::size_t position = 0;
        for (std::size_t at = find_tag(0); at != std::string::npos; at = find_tag(position)) {
            const std::optional<Tag> tag = tag_at(at);
            if (!tag || !take(*tag)) {
                return std::nullopt;
            }
            position = tag->end;
        }
        put_text(text_.size());
        return std::move(tokens_);
    }

private:
    [[nodiscard]] std::size_t find_tag(std::size_t position) const {
        return text_.find(delimiters_.open, position);
    }

    [[nodiscard]] std::optional<Tag> tag_at(std::size_t begin) const {
        std::size_t content = begin + delimiters_.open.size();
        const bool braces = delimiters_.open == "{{" && delimiters_.close == "}}";
        const bool triple = braces && content < text_.size() && text_[content] == '{';
        const std::string_view close = triple ? "}}}" : std::string_view(delimiters_.close);
        content += triple ? 1 : 0;
        const std::size_t end = text_.find(close, content);
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        return Tag{.begin = begin,
                   .end = end + close.size(),
                   .content = trimmed(text_.substr(content, end - content)),
                   .triple = triple};
    }

    /// False when it is malformed.
    bool take(const Tag& tag) {
        const char sigil = tag.content.empty() ? '\0' : tag.content.front();
        if (sigil == '=') {
            const std::optional<Delimiters> delimiters = new_delimiters(tag.content);
            if (!delimiters) {
                return false;
            }
            delimiters_ = *delimiters;
            put_nothing(tag);
            return true;
        }
        if (tag.triple || std::string_view("#^/!>").find(sigil) == std::string_view::npos) {
            put_text(tag.begin);
            put_name(TokenKind::variable, tag, sigil == '&' && !tag.triple ? 1 : 0);
            taken_ = tag.end;
            return true;
        }
        put_nothing(tag);
        take_section(tag, sigil);
        return true;
    }

    void take_section(const Tag& tag, char sigil) {
        if (sigil == '#' || sigil == '^') {
            put_name(sigil == '#' ? TokenKind::section : TokenKind::inverted, tag, 1);
            if (++depth_ > k_deepest_nesting) {
                source_.fail(tag.begin, "sections are nested too deeply");
            }
        } else if (sigil == '/') {
            tokens_.push_back({.kind = TokenKind::end, .offset = tag.begin});
            depth_ -= depth_ == 0 ? 0 : 1; // one too many: kainjow says so
        } else if (sigil == '>') {
            source_.fail(tag.begin,
                         "'" + std::string(tag.content) + "': templates cannot include others",
                         "write the text here, or give it as a value");
        }
    }

    /// The text before a tag of no output; with the tag's line when that holds nothing else.
    void put_nothing(const Tag& tag) {
        const std::size_t before = text_.substr(0, tag.begin).find_last_not_of(" \t");
        const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
        std::size_t end = std::min(text_.find_first_not_of(" \t", tag.end), text_.size());
        const std::string_view rest = text_.substr(end);
        const std::size_t line_end = rest.substr(0, 2) == "\r\n" ? 2
                                     : rest.substr(0, 1) == "\n" ? 1
                                                                 : 0;
        const bool alone =
            (begin == 0 || text_[begin - 1] == '\n') && (line_end > 0 || end == text_.size());
        put_text(alone ? begin : tag.begin);
        taken_ = alone ? end + line_end : tag.end;
    }

    void put_text(std::size_t end) {
        if (end > taken_) {
            tokens_.push_back(
                {.text = std::string(text_.substr(taken_, end - taken_)), .offset = taken_});
        }
    }

    void put_name(TokenKind kind, const Tag& tag, std::size_t sigil) {
        const std::string_view name = trimmed(tag.content.substr(sigil));
        const auto offset = static_cast<std::size_t>(name.data() - text_.data());
        if (name.empty()) {
            source_.fail(tag.begin, "a tag without a name");
        }
        Token token = {.kind = kind, .text = std::string(name), .offset = offset, .dotted = true};
        if (name != ".") {
            token.path = util::split(name, '.');
        }
        tokens_.push_back(std::move(token));
    }

    const Source& source_;
    std::string_view text_;
    Delimiters delimiters_;
    Tokens tokens_;
    /// Up to here the text is in tokens_.
    std::size_t taken_ = 0;
    std::size_t depth_ = 0;
};

} // namespace

std::optional<Tokens> mustache_tokens(const Source& source) {
    return MustacheScanner(source).scan();
}

} // namespace kiln::render
